"""A new generation of the projection, filled from the log beside the live one."""

from dataclasses import dataclass
from time import monotonic

import asyncpg

from projections.schema import CONSUMED, PIPELINE, POSITIONS, schema_name, tables
from services.platform import locks, offsets
from services.platform.database import open_pool
from services.platform.rebuilding import (
    FREE_TRIES,
    LogSoFar,
    Progress,
    drop_generations,
    one_at_a_time,
    require_cluster,
)
from services.platform.settings import Settings
from services.platform.tables import create_tables
from services.projector import generation
from services.projector.rows import Rows, made_of, write


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: the generation that is live now, facts in it, records read, seconds taken."""

    generation: int
    facts: int
    records: int
    seconds: float


async def rebuild(settings: Settings, progress: Progress | None = None) -> Rebuilt:
    """Fill the next generation from the log, then swap it in with one transaction and drop the old ones.

    Readers and the running projector go on meanwhile; the projector finds the new generation with its next
    batch. Raises RebuildRunningError, or PipelineStoppedError where the log cannot be read.
    """
    started = monotonic()
    pool = await open_pool(settings.database_url, size=3)
    try:
        async with pool.acquire() as session:
            await create_tables(session)
            async with one_at_a_time(session, locks.PROJECTION_REBUILD, "A rebuild of the projection"):
                await require_cluster(settings, session)
                work = _Rebuild(settings, pool, progress)
                number = await work.run()
                await drop_generations(session, "projection_g", schema_name(number))
                async with session.transaction():
                    await generation.enter_generation(session, number)
                    facts = await session.fetchval("SELECT count(*) FROM fact")
        return Rebuilt(number, facts, work.log.records, monotonic() - started)
    finally:
        await pool.close()


class _Rebuild:
    def __init__(self, settings: Settings, pool: asyncpg.Pool, progress: Progress | None) -> None:
        self._settings = settings
        self._pool = pool
        self.log = LogSoFar(settings, CONSUMED, progress)

    async def run(self) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            await generation.prepare(connection)
            number = (await generation.live(connection) or 0) + 1
            await generation.create(connection, number)
        tries = 0
        while True:
            await self._catch_up(number)
            await self._analyse(number)
            tries += 1
            if await self._swap(number, last=tries >= FREE_TRIES):
                return number

    async def _catch_up(self, number: int) -> None:
        async def take(rows: Rows) -> None:
            async with self._pool.acquire() as connection, connection.transaction():
                await generation.enter_generation(connection, number)
                await write(connection, rows)

        await self.log.catch_up(made_of, take)

    async def _analyse(self, number: int) -> None:
        # Readers come with the swap, and autovacuum only some time later.
        names = ", ".join(f"{schema_name(number)}.{table.name}" for table in tables())
        async with self._pool.acquire() as connection:
            await connection.execute(f"ANALYZE {names}")

    async def _swap(self, number: int, *, last: bool) -> bool:
        """Make the generation live, unless the projector is ahead of what was read.

        The ``last`` time the rest is read while it stands still: it cannot be ahead for ever.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            # In this order, which is that of a batch: neither may wait for the other.
            await offsets.hold(connection, PIPELINE, POSITIONS)
            await generation.lock(connection)
            ahead = await offsets.positions(connection, PIPELINE, POSITIONS)
            if await self.log.overtaken(ahead):
                if not last:
                    return False
                await self._catch_up(number)
            await connection.execute(
                "INSERT INTO platform.generation (name, live) VALUES ($1, $2)"
                " ON CONFLICT (name) DO UPDATE SET live = excluded.live",
                generation.NAME,
                number,
            )
            if any(position > self.log.read.get(place, 0) for place, position in ahead.items()) or not ahead:
                # The first, or of a log that lost its end: the projector goes on from here.
                await offsets.set_position(connection, PIPELINE, POSITIONS, self.log.read)
            else:
                await offsets.clear_marks(connection, PIPELINE, POSITIONS)
            return True
