"""Generations: a rebuild fills the next one beside the live one, and then swaps."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Table

from events.fingerprint import fingerprint_of
from services.detection.tables import CODE, FINDING, TABLES
from services.platform import locks
from services.platform.database import Connection
from services.platform.tables import ddl

NAME = "detection"

_HERE = Path(__file__).parent
_WHAT_FILLS = (
    "facts",
    "subjects",
    "rules",
    "calendar.py",
    "identity.py",
    "policy.py",
    "names.py",
    "rows.py",
    "tables.py",
)
_WORDS = {"Rule": {"title", "phrases", "requirements"}}
"""What of a rule is words only: it is published in the catalogue, and no finding differs by it."""


class GenerationMovedError(Exception):
    """A rebuild has made another generation live: open that one."""


@cache
def fingerprint() -> str:
    """Return the fingerprint of what fills a generation: what facts are kept, what rules say of them."""
    places = [_HERE / name for name in _WHAT_FILLS]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    return fingerprint_of(files, _HERE, _WORDS)


def schema_of(number: int) -> str:
    """Return the schema of a generation."""
    return f"detection_g{number}"


async def live(connection: Connection) -> int:
    """Return the live generation, and begin with 1."""
    await connection.execute(
        "insert into platform.generation (name, live) values ($1, 1) on conflict (name) do nothing", NAME
    )
    return int(await connection.fetchval("select live from platform.generation where name = $1", NAME))


async def enter(connection: Connection, number: int) -> None:
    """Keep the generation live until this transaction ends. Raises GenerationMovedError if it is not live."""
    await connection.execute("select pg_advisory_xact_lock_shared($1)", locks.DETECTION_SWAP)
    if await connection.fetchval("select live from platform.generation where name = $1", NAME) != number:
        raise GenerationMovedError(f"detection's generation {number} is no longer the live one")


async def hold(connection: Connection) -> None:
    """Block every transaction on the live generation until this one ends: for the swap."""
    await connection.execute("select pg_advisory_xact_lock($1)", locks.DETECTION_SWAP)


async def swap(connection: Connection, number: int) -> None:
    """Make a generation the live one; the transaction must hold."""
    await connection.execute("update platform.generation set live = $2 where name = $1", NAME, number)


async def create(connection: Connection, schema: str, tables: Sequence[Table] = TABLES) -> None:
    """Create a generation's schema and tables where they do not exist yet."""
    if await _is_there(connection, schema, tables):
        # Even an index that is there is locked before that is noticed: who starts would wait for every open
        # transaction, of a frozen worker too, and everybody else would wait behind him.
        return
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", locks.DETECTION_CREATE)
        await connection.execute(f"create schema if not exists {schema}")
        await connection.execute(f"set local search_path to {schema}")
        await connection.execute(ddl(tables))
        if CODE in tables:
            await connection.execute(
                "insert into code (fingerprint) values ($1) on conflict do nothing", fingerprint()
            )


async def filled_by_this_code(connection: Connection, number: int) -> bool:
    """Whether a generation was filled by the fact kinds and rules that run here."""
    schema = schema_of(number)
    if not await _is_there(connection, schema, (CODE,)):
        return False
    found = await connection.fetchval(f"select fingerprint from {schema}.code")
    return bool(found == fingerprint())


async def rebuild_due(connection: Connection) -> bool:
    """Whether the live generation was filled by other fact kinds or rules; False before the first."""
    number = await begun(connection)
    return number is not None and not await filled_by_this_code(connection, number)


async def begun(connection: Connection) -> int | None:
    """Return the live generation without beginning one; None before its tables are there."""
    if await connection.fetchval("select to_regclass('platform.generation')") is None:
        return None
    number: int | None = await connection.fetchval(
        "select live from platform.generation where name = $1", NAME
    )
    if number is None or not await exists(connection, number):
        return None
    return number


async def exists(connection: Connection, number: int) -> bool:
    """Whether a generation has tables."""
    return await _is_there(connection, schema_of(number), (FINDING,))


# Not to_regclass: what a session once did not find so it may not find after it waited for who made it.
async def _is_there(connection: Connection, schema: str, tables: Sequence[Table]) -> bool:
    names = {table.name for table in tables} | {
        str(index.name) for table in tables for index in table.indexes
    }
    found = await connection.fetchval(
        """
        select count(*) from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = $1 and relname = any($2::text[])
        """,
        schema,
        sorted(names),
    )
    return bool(found == len(names))
