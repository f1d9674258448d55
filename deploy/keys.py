"""The keys of this checkout: made where there are none, put aside when what they open is deleted."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from deploy.deployment import LOG_KEY, MASTER_KEY, operator_file
from deploy.local import StackError, StackSettings
from deploy.local.postgres import NAMES as DATABASES
from deploy.local.state import StackState
from services.platform.authorship import LogKeys
from services.platform.database import connected
from services.platform.keys import Keys, keep_secret
from services.platform.settings import Settings

KEYS = MASTER_KEY.parent
OLD = KEYS / "old"


def needed_by(
    settings: StackSettings, kept: StackState | None, environment: Mapping[str, str] = os.environ
) -> list[str]:
    """Name what else is opened by the keys, so that they must stay when the data of this checkout go.

    ``kept`` is the state of the stack before it was stopped: it may run on servers that no setting names.
    """
    found: list[str] = []
    running = kept is not None and bool(kept.kafka)
    if settings.kafka is not None or (running and kept is not None and "kafka" not in kept.processes):
        found.append("a Kafka that is not of this checkout")
    if settings.database_url is not None or (
        running and kept is not None and not kept.processes.keys() & set(DATABASES)
    ):
        found.append("a PostgreSQL that is not of this checkout")
    for name, ours in (("DIBAO_MASTER_KEY_FILE", MASTER_KEY), ("DIBAO_LOG_KEY_FILE", LOG_KEY)):
        named = environment.get(name)
        if named and Path(named).resolve() != ours.resolve():
            found.append(f"{name} names another key, {named}")
    return found


def put_aside(keys: Path = KEYS, now: datetime | None = None) -> Path | None:
    """Move the keys into a dated folder of old ones, which only their owner may read; None without any."""
    files = [path for path in keys.iterdir() if path.is_file()] if keys.exists() else []
    if not files:
        return None
    old = keys / OLD.name / f"{now or datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
    old.parent.mkdir(mode=0o700, exist_ok=True)
    old.mkdir(mode=0o700)
    for path in files:
        path.chmod(0o600)
        path.rename(old / path.name)
    return old


async def make_master_key(platform: Settings, tell: Callable[[str], None]) -> None:
    """Make the master key of this checkout where there is none yet.

    Raises StackError where the vault was sealed with the one that is missing.
    """
    file = platform.master_key_file
    if file != MASTER_KEY.resolve() or file.exists():
        return
    async with connected(platform.database_url) as connection:
        if await connection.fetchval("SELECT exists(SELECT FROM vault.key_check)"):
            raise StackError(
                f"The master key {file} is missing, and this vault was sealed with it: restore it from its "
                "backup. Without it no sealed name, number or text is ever opened again, by nobody; what "
                "is left then stands in docs/operations/keys.md."
            )
    tell(f"Making the master key {file}: back it up, sealed values cannot be read without it")
    Keys.create(file)


async def make_log_key(platform: Settings, tell: Callable[[str], None]) -> None:
    """Make the log key of this checkout where there is none yet.

    Raises StackError where something was signed with the one that is missing.
    """
    # Whoever stops something need not wait for what asks Kafka and PostgreSQL.
    from services.platform.signing import anything_signed

    file = platform.log_key_file
    if file != LOG_KEY.resolve() or file.exists():
        return
    if await anything_signed(platform):
        raise StackError(
            f"The log key {file} is missing, and what stands on the log is signed with it: "
            "restore it from its backup."
        )
    tell(f"Making the log key {file}: back it up, nothing signed is read without it")
    LogKeys.create(file)


async def make_operator(database_url: str, tell: Callable[[str], None]) -> None:
    """Make the operator's key where there is none yet; say so where the one in its file is not good."""
    from services.platform import access
    from services.platform.database import open_pool

    file = operator_file()
    if not file.exists():
        tell(f"Making the operator's key {file}: it may state any fact, and read everything")
        keep_secret(file, access.new_key(access.OPERATOR_PREFIX))
    pool = await open_pool(database_url, size=1)
    try:
        good = await access.know_operator(pool, file.read_text(encoding="ascii").strip())
    finally:
        await pool.close()
    if not good:
        tell(f"The key in {file} is not the operator's (any more): `dibao access renew operator` makes one")
