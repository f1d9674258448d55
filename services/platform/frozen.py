"""Ends the sessions of workers that were frozen in the middle of a COPY, for whose locks others wait.

To PostgreSQL such a session is at work, and none of its time-outs ends it: it waits for its client for ever.
"""

import asyncio
import logging
from typing import Any

from services.platform.database import Connection, Pool

_LOG = logging.getLogger(__name__)

SECONDS = 5.0
"""A worker that lives sends something within this time."""

_COPYING = """
SELECT p.pid, p.bytes_processed, a.query_start
FROM pg_stat_progress_copy AS p
INNER JOIN pg_stat_activity AS a ON p.pid = a.pid
WHERE a.datname = current_database() AND a.usename = current_user AND a.wait_event = 'ClientRead'
"""
_END = "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS s (pid)"


async def end_frozen(pool: Pool, *, seconds: float = SECONDS) -> int:
    """End sessions of this role to which nothing comes for ``seconds``; return how many those were.

    One that lived after all finds its session gone, and does its batch again. ``pool`` is an asyncpg pool.
    """
    async with pool.acquire(timeout=10) as connection:
        before = await _copying(connection)
        if not before:
            return 0
        await asyncio.sleep(seconds)
        after = await _copying(connection)
        frozen = [session for session, state in after.items() if before.get(session) == state]
        if frozen:
            _LOG.warning("%d sessions stood still in the middle of a COPY: they are ended", len(frozen))
            await connection.execute(_END, frozen)
        return len(frozen)


async def _copying(connection: Connection) -> dict[int, tuple[Any, ...]]:
    return {session: tuple(state) for session, *state in await connection.fetch(_COPYING)}
