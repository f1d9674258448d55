"""What every rebuild of derived state does alike: alone, from its own Kafka, up to the end of the log."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

from events.envelope import Record
from services.platform import offsets
from services.platform.database import Connection
from services.platform.failure import PipelineStoppedError
from services.platform.log import cluster_id, end_offsets, read_log
from services.platform.offsets import Place
from services.platform.settings import Settings

P = TypeVar("P")

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 100
_MAX_RECORDS = 5000

FREE_TRIES = 3
"""How often a rebuild reads up to the end of the log while the live generation goes on.

Where facts come all the time, that one is ahead each time: what is left is then read while it stands still.
"""


async def require_cluster(settings: Settings, connection: Connection) -> None:
    """Raise PipelineStoppedError where PostgreSQL's positions belong to another Kafka."""
    found = await cluster_id(settings)
    expected = await offsets.remember_cluster(connection, found)
    if found != expected:
        raise PipelineStoppedError(
            f"PostgreSQL belongs to the Kafka cluster {expected}, and {settings.kafka} is {found}: "
            "nothing was rebuilt."
        )


async def drop_generations(connection: Connection, prefix: str, kept: str) -> list[int]:
    """Drop the schemas ``<prefix><number>`` but the one kept; return the numbers of those dropped."""
    schemas = await connection.fetch(
        "select nspname from pg_namespace where nspname ~ $1 and nspname <> $2", f"^{prefix}[0-9]+$", kept
    )
    dropped: list[int] = []
    for row in schemas:
        for _ in range(_ATTEMPTS):
            try:
                async with connection.transaction():
                    # Waiting longer for readers of the old generation would make new ones wait behind; and
                    # of a deadlock with one of them this side gives up, before PostgreSQL looks for it (1 s)
                    # and may end the reader.
                    await connection.execute("set local lock_timeout to '300ms'")
                    await connection.execute(f"drop schema {row['nspname']} cascade")
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                continue
            dropped.append(int(row["nspname"].removeprefix(prefix)))
            break
        else:
            _LOG.warning("%s is still in use: the next rebuild drops it", row["nspname"])
    return dropped


Progress = Callable[[int, int], None]
"""Told how many records of the log are read, and how many there are."""


class RebuildRunningError(Exception):
    """Another rebuild of the same is running, or another backtest."""


@asynccontextmanager
async def one_at_a_time(session: Connection, lock: int, what: str) -> AsyncIterator[None]:
    """Hold the session's lock of a long work (``A rebuild of detection``).

    Raises RebuildRunningError where another session holds it.
    """
    if not await session.fetchval("select pg_try_advisory_lock($1)", lock):
        raise RebuildRunningError(f"{what} is running already: wait for its end.")
    try:
        yield
    finally:
        await session.execute("select pg_advisory_unlock($1)", lock)


class LogSoFar:
    """The log as far as a rebuild has read it: again and again up to its end, until nobody is ahead.

    ``read``: the next offset of every partition; ``records`` read in all.
    """

    def __init__(self, settings: Settings, contexts: Sequence[str], progress: Progress | None) -> None:
        self.read: dict[Place, int] = {}
        self.records = 0
        self._settings = settings
        self._contexts = contexts
        self._progress = progress

    async def catch_up(
        self,
        prepare: Callable[[Sequence[Record]], Awaitable[P]],
        take: Callable[[P], Awaitable[None]],
        below: Mapping[Place, int] | None = None,
    ) -> None:
        """Give what follows to ``take``, in batches, up to the end that the log has now, or ``below`` a cut.

        A batch is read and prepared while the one before is being taken. Of a partition that a cut does not
        name nothing is read.
        """
        ends = await end_offsets(self._settings, self._contexts)
        if below is not None:
            ends = {place: min(end, below.get(place, 0)) for place, end in ends.items()}
        total = self.records + sum(end - self.read.get(place, 0) for place, end in ends.items())
        batches = read_log(
            self._settings, self._contexts, start=self.read, end=ends, max_records=_MAX_RECORDS
        )
        taking: asyncio.Future[None] | None = None
        try:
            async for records in batches:
                prepared = await prepare(records)
                if taking is not None:
                    await taking
                taking = asyncio.ensure_future(take(prepared))
                self.records += len(records)
                if self._progress is not None:
                    self._progress(self.records, total)
            if taking is not None:
                await taking
        finally:
            if taking is not None and not taking.done():
                taking.cancel()
                await asyncio.wait([taking])
        self.read = ends

    async def overtaken(self, live: Mapping[Place, int]) -> bool:
        """Return whether the live generation has read records of the log that are not read here.

        Positions past the end of the log are of records that it has lost: a rebuild is what puts that right.
        """
        ahead = {place: position for place, position in live.items() if self.read.get(place, 0) < position}
        if not ahead:
            return False
        ends = await end_offsets(self._settings, self._contexts)
        return any(position <= ends.get(place, 0) for place, position in ahead.items())
