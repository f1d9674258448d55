"""Forgeries at the command line: what somebody has dealt with stays listed, and alarms no more."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from deploy.cli.app import app
from deploy.local import Stack
from deploy.migrations.upgrade import upgrade_database
from services.platform.provenance import forged_count, keep

WHY = ("--reason", "a test of the network office", "--by", "王芳")


async def forge(connection: asyncpg.Connection) -> None:
    """Put on record that three records were refused."""
    now = datetime.now(UTC).timestamp() * 1000
    for partition, offset in ((0, 7), (0, 9), (1, 7)):
        raw: Any = SimpleNamespace(
            topic="dibao.payments", partition=partition, offset=offset, timestamp=now, headers=()
        )
        await keep(connection, [raw])


async def test_what_is_dealt_with_stays_listed_and_is_no_longer_counted(stack: Stack, database: str) -> None:
    async def typed(*words: str, code: int = 0) -> Result:
        environment = {"DIBAO_KAFKA": stack.kafka, "DIBAO_DATABASE_URL": database}
        command = ["quarantine", "forged", *words]
        result = await asyncio.to_thread(CliRunner().invoke, app, command, env=environment)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    async def listed() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await typed("--format", "ndjson")).stdout.splitlines()]

    await upgrade_database(database)
    connection = await asyncpg.connect(database)
    await forge(connection)
    assert await forged_count(connection) == 3

    await typed("--dealt-with", "dibao.payments/0/7", *WHY)
    assert await forged_count(connection) == 2
    first, *others = await listed()
    assert (first["offset"], first["reason"], first["dealt_with_by"]) == (7, WHY[1], "王芳")
    assert [row["reason"] for row in others] == [None, None]

    # What was said stays, also where all so far is dealt with; what comes later alarms again.
    again = ("--reason", "nothing", "--by", "李明")
    assert "2 records" in (await typed("--dealt-with", "dibao.payments", *again)).output
    assert await forged_count(connection) == 0
    assert [row["dealt_with_by"] for row in await listed()] == ["王芳", "李明", "李明"]
    await connection.execute(
        'INSERT INTO platform.forged (topic, partition, "offset", written_at, error)'
        " VALUES ('dibao.payments', 0, 7, now(), 'wrong')"
    )
    assert await forged_count(connection) == 1
    await connection.close()

    assert "nothing was refused" in (await typed("--dealt-with", "dibao.payments/5", *WHY, code=1)).output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--dealt-with", "dibao.payments/0/7", "--by", "王芳"), "--reason and --by must say something"),
        (("--dealt-with", "dibao.payments/0/x", *WHY), "should be TOPIC/PARTITION/OFFSET"),
    ],
)
def test_a_wrong_call_says_what_is_missing(words: tuple[str, ...], sentence: str) -> None:
    result = CliRunner().invoke(app, ["quarantine", "forged", *words])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
