"""PostgreSQL is put back as it was at a moment: from a base backup and the WAL that was archived since."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import Stack, StackSettings, accounts, down, up
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.deploy.state_of import state_of
from tests.street.whole import whole

FACTS = GOLDEN.read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.fixture
async def archiving(stack: Stack) -> AsyncIterator[tuple[Stack, Path]]:
    """A PostgreSQL of its own beside the session's Kafka, which archives its WAL into a folder."""
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)
    archive = root / "wal"
    archive.mkdir()
    archive.chmod(0o777)
    settings = StackSettings(root=root, kafka=stack.kafka, fsync=False, shared_buffers="128MB")
    own = await asyncio.to_thread(up, settings)
    try:
        for setting in (
            "archive_mode = 'on'",
            f"archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'",
            "wal_level = 'replica'",
        ):
            await _execute(own.database_url, f"ALTER SYSTEM SET {setting}")
        await asyncio.to_thread(own.restart, "postgres")
        yield own, archive
    finally:
        await asyncio.to_thread(down, settings, True)
        shutil.rmtree(root)


async def _execute(database: str, statement: str) -> str | None:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval(statement)  # type: ignore[no-any-return]
    finally:
        await connection.close()


def _programs() -> Path:
    return accounts.programs(None, Path())


@pytest.mark.slow
async def test_nothing_acknowledged_before_the_moment_is_lost(
    archiving: tuple[Stack, Path], tmp_path: Path
) -> None:
    own, archive = archiving
    database, base = own.database_url, own.root / "base"
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    first.write_text("".join(FACTS[: len(FACTS) // 2]), encoding="utf-8")
    second.write_text("".join(FACTS[len(FACTS) // 2 :]), encoding="utf-8")
    async with whole(own, database, tmp_path) as street:
        terminal = Terminal(street, street.deployment)
        prefix = street.settings.topic_prefix
        await terminal.run("publish", first)
        await asyncio.to_thread(
            subprocess.run,
            [str(_programs() / "pg_basebackup"), "-d", database, "-D", str(base), "-c", "fast"],
            check=True,
        )
        await terminal.run("publish", second)
        await terminal.run("close-day", EXPECTED["closed"])
        await terminal.run("wait", "--timeout", "120")
        await terminal.run("access", "add", "王芳")
        state = await state_of(terminal, database, "2021-09-30")
        salts = await _execute(database, "SELECT count(*) FROM vault.salt")
        moment = await _execute(database, "SELECT clock_timestamp()::text")
        # A mistake of a moment later.
        await _execute(database, "DELETE FROM vault.salt")
        await _execute(database, "DELETE FROM access.holder WHERE name = '王芳'")
        last = await _execute(database, "SELECT pg_walfile_name(pg_switch_wal())")
    async with asyncio.timeout(60):
        while not (archive / str(last)).exists():
            await asyncio.sleep(0.1)

    await asyncio.to_thread(own.stop, "postgres")
    cluster = own.root / "data" / "postgres" / "cluster"
    shutil.rmtree(cluster)
    shutil.move(base, cluster)
    with (cluster / "postgresql.auto.conf").open("a", encoding="ascii") as settings:
        settings.write(
            f"restore_command = 'cp {archive}/%f %p'\n"
            f"recovery_target_time = '{moment}'\n"
            "recovery_target_action = 'promote'\n"
        )
    (cluster / "recovery.signal").touch()
    account = accounts.account("PostgreSQL")
    if account is not None:
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, account.user, account.group)
    cluster.chmod(0o700)
    own = await asyncio.to_thread(up, own.settings)
    async with asyncio.timeout(60):
        while await _execute(database, "SELECT pg_is_in_recovery()"):
            await asyncio.sleep(0.1)

    other = Terminal(street, street.deployment)
    other.environment = {**terminal.environment, "DIBAO_DATABASE_URL": database}
    said = " ".join((await other.run("recover")).output.split())
    assert "are lost" not in said
    assert await _execute(database, "SELECT count(*) FROM vault.salt") == salts
    async with whole(own, database, tmp_path, prefix=prefix) as street:
        terminal = Terminal(street, street.deployment)
        await terminal.run("wait", "--timeout", "120")
        assert "王芳" in {row["name"] for row in await terminal.rows("access", "list")}
        assert await state_of(terminal, database, "2021-09-30") == state
