"""Types of a newer version: while one is brought in, a process of the older one must not refuse its facts.

Each process that takes facts in holds, as long as it lives, a shared lock in PostgreSQL for every type that
it knows. So whoever is handed a type that it does not know can tell a mistake, which is refused, from a fact
for its successor, which waits or is sent again. When no process of the newer version runs any more, both are
mistakes again.
"""

from collections.abc import Collection, Iterable

import asyncpg

from events.catalogue import BY_TYPE

_LOCK = "intake.type"
_HOLD = "SELECT pg_advisory_lock_shared(hashtext($1), hashtext(name)) FROM unnest($2::text[]) AS t (name)"
# Nobody holds a type that none of all processes knows; two that ask at once may each take the other for one.
_HELD = """
SELECT coalesce(bool_or(NOT pg_try_advisory_xact_lock(hashtext($1), hashtext(name))), false)
FROM unnest($2::text[]) AS t (name)
"""


async def hold_types(connection: asyncpg.Connection, contexts: Collection[str]) -> None:
    """Let others see that this process knows the types of its contexts, as long as the connection is open."""
    known = sorted(entry.name for entry in BY_TYPE.values() if entry.context in contexts)
    await connection.execute(_HOLD, _LOCK, known)


async def newer_knows(pool: asyncpg.Pool, types: Iterable[str]) -> bool:
    """Return whether another process takes in one of these types, of which this one knows none."""
    return bool(await pool.fetchval(_HELD, _LOCK, sorted(types)))
