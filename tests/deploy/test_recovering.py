"""PostgreSQL is lost whole: it comes back from its backup and the log, and what does not is said."""

import json
from pathlib import Path

import asyncpg
import pytest

from deploy.local import Stack
from tests.conftest import made_database
from tests.deploy.administering import as_owner, erase
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.deploy.state_of import state_of
from tests.street.whole import whole

FACTS = GOLDEN.read_text(encoding="utf-8").splitlines(keepends=True)
HALF = len(FACTS) // 2


async def _salts(database: str) -> dict[str, bytes]:
    connection = await asyncpg.connect(database)
    try:
        return dict(await connection.fetch("SELECT subject, salt FROM vault.salt"))
    finally:
        await connection.close()


@pytest.mark.slow
async def test_it_comes_back_from_its_backup_and_the_log(stack: Stack, database: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_text("".join(FACTS[:HALF]), encoding="utf-8")
    second.write_text("".join(FACTS[HALF:]), encoding="utf-8")
    backup, lost = tmp_path / "dibao.backup", tmp_path / "lost.ndjson"
    async with whole(stack, database, tmp_path) as street:
        terminal = Terminal(street, street.deployment)
        run, prefix = terminal.run, street.settings.topic_prefix
        await run("publish", first)
        await run("access", "add", "王芳")
        await run("access", "add", "李强", "--role", "operator")
        await run("wait", "--timeout", "60")
        await as_owner(terminal, database).run("backup", backup)
        before = await _salts(database)
        # What comes now is in no backup of PostgreSQL.
        await run("publish", second)
        await run("close-day", EXPECTED["closed"])
        await run("wait", "--timeout", "60")
        state = await state_of(terminal, database, "2021-09-30")
        after = await _salts(database)
        gone = next(iter(sorted(subject for subject in before if subject.startswith("p."))))
        await erase(terminal, gone)
        busy = await as_owner(terminal, database).run("recover", code=1)
        assert "sessions of dibao's processes are open" in " ".join(busy.output.split())
    assert len(after) > len(before)

    async with made_database(stack) as anew:
        told = await as_owner(terminal, anew).run("restore", backup, "--lost", lost)
        said = " ".join(told.output.split())
        assert "1 erased salts came back with the backup, and are destroyed again" in said
        there = await _salts(anew)
        assert there == {subject: salt for subject, salt in before.items() if subject != gone}
        listed = [json.loads(line) for line in lost.read_text(encoding="utf-8").splitlines()]
        stated = {(fact["source"], fact["id"]) for fact in map(json.loads, FACTS[HALF:])}
        assert listed and {(fact["source"], fact["id"]) for fact in listed} <= stated
        assert f"Of {len(listed):,} of them names, numbers or texts are lost" in said
        again = await as_owner(terminal, anew).run("restore", backup, code=1)
        assert "has tables of dibao already" in again.output
        async with whole(stack, anew, tmp_path, prefix=prefix) as street:
            terminal = Terminal(street, street.deployment)
            await terminal.run("wait", "--timeout", "60")
            assert await state_of(terminal, anew, "2021-09-30") == state
            holders = {row["name"] for row in await terminal.rows("access", "list")}
            assert holders == {"operator", "王芳", "李强"}
            # Whoever is lost is readable again once the fact is handed over again.
            token = next(iter(sorted(s for s in after if s not in before and s.startswith("p."))))
            unread = await terminal.run("open", token, "--reason", "核实", code=1)
            assert "erased" in unread.output
            await terminal.run("publish", second)
            await terminal.run("wait", "--timeout", "60")
            opened = await terminal.run("open", token, "--reason", "核实", "--format", "json")
            assert json.loads(opened.stdout)[0]["name"]
            # It is nothing new; but a fact with two contents says with which receipts they came.
            later = await state_of(terminal, anew, "2021-09-30")
            changed = {name for name in state if later[name] != state[name]}
            assert changed <= {"findings", "anomaly_event", "fact"}
            assert len(later["findings"]) == len(state["findings"])
