"""Brings the durable schemas of a database to the newest revision, keeping what they hold.

Alembic writes the SQL (its offline mode), asyncpg runs it: one transaction, one process at a time.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import asyncpg

from deploy.local.errors import StackError
from services.platform.database import connect

_FOLDER = Path(__file__).parent
_LOCK = 0x6469626D  # "dibm"
_OWNER, _OWNED = "dibao_owner", "0009"


def upgrade(database_url: str, revision: str = "head") -> None:
    """Upgrade the database named by a ``postgresql://`` address. Does nothing where it is up to date.

    So it is as well where a newer version has been: who goes back to an older one finds what that has added,
    and nothing of its own gone. May be called with or without a running event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, upgrade_database(database_url, revision)).result()


async def upgrade_database(database_url: str, revision: str = "head") -> None:
    """Do the same from a coroutine."""
    connection = await connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            current = await current_revision(connection)
            if current is not None and current > newest_revision():
                return
            for part in _parts(current, revision):
                if part > _OWNED and await connection.fetchval("SELECT pg_has_role($1, 'SET')", _OWNER):
                    await connection.execute(f"SET LOCAL ROLE {_OWNER}")
                sql = _sql(await current_revision(connection), part)
                if sql.strip():
                    await connection.execute(sql)
    except asyncpg.InsufficientPrivilegeError as error:
        raise StackError(
            f"The tables of the database cannot be brought up to date: {error}. Its administrator can do it: "
            "`dibao roles apply` (docs/security.md)."
        ) from None
    finally:
        await connection.close()


def newest_revision() -> str:
    """Return the last revision that this version knows."""
    return max(file.stem[1:5] for file in (_FOLDER / "versions").glob("r[0-9]*.py"))


async def current_revision(connection: asyncpg.Connection) -> str | None:
    """Return the revision of a database, ``None`` for a new one."""
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return found


def _parts(current: str | None, revision: str) -> list[str]:
    # What comes after the roles is made by their owner, and belongs to it.
    if revision != "head" and revision <= _OWNED:
        return [revision]
    return [revision] if current is not None and current >= _OWNED else [_OWNED, revision]


def _sql(current: str | None, revision: str) -> str:
    # Only where it is needed: who asks this package for roles, as every process does, would carry it for
    # nothing.
    from alembic import command
    from alembic.config import Config

    out = StringIO()
    config = Config(output_buffer=out, stdout=StringIO())
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, f"{current}:{revision}" if current else revision, sql=True)
    return out.getvalue()
