"""A master key that is lost is not made anew, and is said to be lost; everything else of keys is renewed."""

import re
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from deploy import keys
from deploy.cli.doctor import MasterKey, master_key
from deploy.local import Stack, StackError
from deploy.migrations.roles import OPERATOR, apply_roles, url_as
from services.platform import authorship
from services.platform.authorship import LogKeys
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.vault import Vault
from tests.deploy.cli.terminal import GOLDEN, Terminal
from tests.deploy.raw import raw_records
from tests.street.whole import whole


@pytest.fixture
def settings(migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A deployment whose master key stands where this checkout would make one."""
    file = tmp_path / "master.key"
    monkeypatch.setattr(keys, "MASTER_KEY", file)
    return Settings(database_url=migrated_database, master_key_file=file)


async def test_a_master_key_that_was_lost_is_not_made_anew(settings: Settings) -> None:
    said: list[str] = []
    await keys.make_master_key(settings, said.append)
    assert "back it up" in said.pop()
    pool = await open_pool(settings.database_url, size=1)
    try:
        await Vault(pool, Keys.from_settings(settings)).check()
    finally:
        await pool.close()
    await apply_roles(settings.database_url)
    asked = settings.model_copy(update={"database_url": url_as(settings.database_url, OPERATOR)})
    assert await master_key(asked) is MasterKey.good
    assert await master_key(asked.model_copy(update={"ciphers": "national"})) is MasterKey.tokens
    both = {"ciphers": "national", "tokens": "international"}
    assert await master_key(asked.model_copy(update=both)) is MasterKey.good

    settings.master_key_file.unlink()
    assert await master_key(asked) is MasterKey.missing
    with pytest.raises(StackError, match="is missing, and this vault was sealed with it: restore it"):
        await keys.make_master_key(settings, said.append)
    assert not settings.master_key_file.exists() and said == []

    Keys.create(settings.master_key_file)
    assert await master_key(asked) is MasterKey.other


async def _signed_with(terminal: Terminal) -> Counter[str]:
    """How many records of payments each log key has signed."""
    return Counter(
        record.headers[-1][1].decode().partition(".")[0]
        for record in await raw_records(terminal.street.settings, ["payments"])
    )


async def test_log_and_letters_go_over_to_new_keys_while_facts_arrive(
    stack: Stack, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "log.key"
    LogKeys.create(file)
    monkeypatch.setenv("DIBAO_LOG_KEY_FILE", str(file))
    monkeypatch.setattr(authorship, "_LOOK_SECONDS", 0.0)
    facts = GOLDEN.read_text(encoding="utf-8").splitlines(keepends=True)
    first, second, broken = (tmp_path / f"{name}.ndjson" for name in ("first", "second", "broken"))
    first.write_text("".join(facts[: len(facts) // 2]), encoding="utf-8")
    second.write_text("".join(facts[len(facts) // 2 :]), encoding="utf-8")
    async with whole(stack, database, tmp_path) as street:
        terminal = Terminal(street, street.deployment)
        run = terminal.run
        await run("publish", first)
        broken.write_text('{"type":"dibao.payments.paid.v1","id":"x1"}\n', encoding="utf-8")
        await run("publish", broken, "--via", "kafka")
        await run("wait", "--timeout", "60")
        (former,) = LogKeys.load(file).ids

        told = await run("keys", "renew", "log")
        named = next(re.finditer(r"keys use ([0-9a-f]{8})", told.output))[1]
        assert LogKeys.load(file).ids == [former, named]
        await run("keys", "use", named)
        await run("keys", "use", "00000000", code=1)
        letters = (await run("keys", "renew", "letters")).output
        assert re.search(r"sealed as dead-letters:\d{4}-\d\d-\d\d\.2", letters)
        await run("publish", second)
        broken.write_text('{"type":"dibao.payments.paid.v1","id":"x2"}\n', encoding="utf-8")
        await run("publish", broken, "--via", "kafka")
        await run("wait", "--timeout", "60")

        signed = await _signed_with(terminal)
        assert set(signed) == {former, named} and all(signed.values())
        assert await street.pool.fetchval("SELECT count(*) FROM platform.forged") == 0
        connection = await asyncpg.connect(database)
        taken = "SELECT count(*) FROM projection_g1.fact WHERE context = 'payments'"
        assert await connection.fetchval(taken) == sum(signed.values())
        await connection.close()
        for number, serial in enumerate(("x1", "x2")):
            assert serial in (await run("dlq", "show", str(number), "--reason", "核实")).output
        subjects = {row["subject"] for row in await terminal.rows("openings")}
        assert len([one for one in subjects if one.startswith("dead-letters:")]) == 2
        assert [(row["name"], row["state"]) for row in await terminal.rows("keys", "list")] == [
            ("master", "正常"),
            ("log", "签名"),
            ("log", "验证"),
            ("journal", "不在本机"),
            ("operator", "正常"),
        ]
