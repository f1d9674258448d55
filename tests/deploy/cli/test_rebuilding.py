"""What other code has filled is rebuilt beside what is there, while facts arrive."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from deploy.cli.progress import RebuildDueError
from deploy.cli.rebuilding import progress_of
from deploy.local import Stack, StackError
from deploy.rebuilding import Derived, rebuild_due
from services.reporting import queries
from tests.street.whole import Whole, whole

GOLDEN = Path(__file__).parents[2] / "golden"
FACTS = (GOLDEN / "facts.ndjson").read_bytes().splitlines()
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
REBUILDING = 0x6469_6261_6F12
"""The advisory lock of who rebuilds detection."""


@pytest.fixture
async def street(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(stack, database, tmp_path) as street:
        yield street


@pytest.fixture
async def administrator(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    try:
        yield connection
    finally:
        await connection.close()


async def test_it_is_said_and_done_and_nothing_is_lost(
    street: Whole, administrator: asyncpg.Connection
) -> None:
    half = len(FACTS) // 2
    await street.upstream.events(FACTS[:half])
    await street.settle()
    await administrator.execute(
        "UPDATE detection_g1.code SET fingerprint = 'of other code';"
        "COMMENT ON SCHEMA projection_g1 IS 'dibao projection, version 0'"
    )
    with pytest.raises(RebuildDueError, match=r"A rebuild of detection and projection is due.*`dibao up`"):
        await street.settle()

    said: list[str] = []
    rebuilding = asyncio.create_task(
        asyncio.to_thread(rebuild_due, street.deployment, said.append, progress_of)
    )
    await street.upstream.events(FACTS[half:])
    assert await rebuilding == [Derived.projection, Derived.detection]
    assert [sentence.split(",")[0].split(" is ")[0] for sentence in said] == [
        "A rebuild of projection", "Generation 2 of the projection",
        "A rebuild of detection", "Generation 2 of detection",
    ]  # fmt: skip
    await street.settle()
    await street.close_day(EXPECTED["closed"])
    await street.settle()
    found = Counter(row["rule"] for row in (await queries.anomalies(street.pool)).rows)
    counted = Counter(row["rule"] for row in EXPECTED["findings"])
    assert {rule: found[rule] for rule in counted} == counted
    assert await asyncio.to_thread(rebuild_due, street.deployment, said.append, progress_of) == []


async def test_of_two_who_rebuild_one_is_told_to_wait(
    street: Whole, administrator: asyncpg.Connection
) -> None:
    await street.settle()
    await administrator.execute("UPDATE detection_g1.code SET fingerprint = 'of other code'")
    await administrator.execute(f"SELECT pg_advisory_lock({REBUILDING})")
    with pytest.raises(StackError, match="A rebuild of detection is running already: wait for its end"):
        await asyncio.to_thread(rebuild_due, street.deployment, print, progress_of)
