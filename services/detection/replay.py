"""Replay: the next generation from the log beside the live one, compared, and swapped in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

import asyncpg

from events.catalogue import log_topic
from services.detection import announced, day, generation
from services.detection.announce import Verb, announcement_of_row
from services.detection.comparison import Comparison, compare_schemas
from services.detection.evaluate import Evaluator
from services.detection.facts import CONTEXTS
from services.detection.generation import NAME, schema_of
from services.detection.ingest import Ingest, Said
from services.detection.shard import evaluate_all, processes_for
from services.detection.tables import DAY, EVENT, FACT, NUMBER, WALK_INDEXES
from services.platform import locks, offsets
from services.platform.database import Pool, open_pool
from services.platform.offsets import Place
from services.platform.outbox import enqueue, message_of
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


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild did, and how its open findings differ from the live ones.

    ``generation``: the live one now; ``records`` read from the log; ``subjects`` evaluated; in seconds.
    """

    generation: int
    records: int
    subjects: int
    comparison: Comparison
    read_seconds: float
    evaluate_seconds: float


async def rebuild(
    settings: Settings, progress: Progress | None = None, processes: int = 0, *, recovering: bool = False
) -> Report:
    """Fill the next generation from the log, evaluate each subject once, and swap; live workers go on.

    Revisions go on from the live generation's, and only differences are announced. Where that is not there,
    or PostgreSQL is ``recovering`` and may be behind what was announced, they go on from the announcements on
    the log; then no worker may run. ``processes``: 0 is as many as are worth while. Raises
    RebuildRunningError, or PipelineStoppedError where the log cannot be read.
    """
    pool = await open_pool(settings.database_url, size=3)
    try:
        async with pool.acquire() as session:
            await create_tables(session)
            async with one_at_a_time(session, locks.DETECTION_REBUILD, "A rebuild of detection"):
                await require_cluster(settings, session)
                report = await _Rebuild(settings, pool, progress, processes).run(recovering)
                kept = schema_of(report.generation)
                for number in await drop_generations(session, "detection_g", kept):
                    await offsets.forget(session, NAME, number)
                return report
    finally:
        await pool.close()


async def facts_below(
    settings: Settings,
    schema: str,
    below: Mapping[Place, int],
    closed: date | None,
    progress: Progress | None = None,
) -> None:
    """Fill a schema with the facts that count by what the log has below a cut; evaluate nothing.

    ``closed`` is its latest closed day, whatever days the log has closed.
    """
    pool = await open_pool(settings.database_url, size=2)
    try:
        async with pool.acquire() as connection:
            await require_cluster(settings, connection)
            await generation.create(connection, schema, (EVENT, NUMBER, FACT, DAY))
        await _fill(pool, schema, Ingest(0, None, live=False), LogSoFar(settings, CONTEXTS, progress), below)
        async with pool.acquire() as connection:
            if closed is not None:
                await connection.execute(f"insert into {schema}.day (day) values ($1)", closed)
            await connection.execute(f"analyze {schema}.fact")
    finally:
        await pool.close()


async def _fill(
    pool: Pool, schema: str, handler: Ingest, log: LogSoFar, below: Mapping[Place, int] | None = None
) -> None:
    async def take(said: Said) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"set local search_path to {schema}; {WALK_INDEXES}")
            await handler.handle(connection, said)

    await log.catch_up(handler.prepare, take, below)


class _Rebuild:
    def __init__(
        self, settings: Settings, pool: asyncpg.Pool, progress: Progress | None, processes: int
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._log = LogSoFar(settings, CONTEXTS, progress)
        self._processes = processes

    async def run(self, recovering: bool) -> Report:
        async with self._pool.acquire() as connection:
            self._old = await generation.live(connection)
            if not await generation.exists(connection, self._old):
                await generation.create(connection, schema_of(self._old))
                recovering = True
            if recovering:
                await announced.take_up(self._settings, connection, schema_of(self._old))
            # What an interrupted rebuild left is dropped first.
            self._new = self._old + 1
            self._schema = schema_of(self._new)
            await connection.execute(f"drop schema if exists {self._schema} cascade")
            await offsets.forget(connection, NAME, self._new)
            await generation.create(connection, self._schema)
        evaluator = Evaluator(topic_prefix=self._settings.topic_prefix, publish=False)
        began = monotonic()
        await self._catch_up(None)
        read_seconds = monotonic() - began
        began = monotonic()
        async with self._pool.acquire() as connection:
            await connection.execute(f"analyze {self._schema}.fact")
            if recovering:
                await announced.find_months(connection, schema_of(self._old), self._schema)
        processes = self._processes or processes_for(self._log.records)
        subjects = await evaluate_all(self._settings.database_url, self._schema, evaluator, processes)
        comparison, tries = None, 0
        while comparison is None:
            await self._catch_up(evaluator)
            await self._settle(evaluator)
            tries += 1
            comparison = await self._swap(evaluator if tries >= FREE_TRIES else None)
        return Report(self._new, self._log.records, subjects, comparison, read_seconds, monotonic() - began)

    async def _catch_up(self, evaluator: Evaluator | None) -> None:
        await _fill(self._pool, self._schema, Ingest(self._new, evaluator, live=False), self._log)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"set local search_path to {self._schema}")
            await offsets.set_position(connection, NAME, self._new, self._log.read)
            await day.apply_days(connection, self._new)

    async def _settle(self, evaluator: Evaluator) -> None:
        """Evaluate what arrived meanwhile, and who is due."""
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(f"set local search_path to {self._schema}; {WALK_INDEXES}")
                if not await day.wake(connection) + await evaluator.work(connection):
                    return

    async def _swap(self, last: Evaluator | None) -> Comparison | None:
        """Make the generation live, unless the live one is ahead of what was read.

        ``last`` reads the rest while the live one stands still: it cannot be ahead for ever.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await generation.hold(connection)
            ahead = await offsets.positions(connection, NAME, self._old)
            if await self._log.overtaken(ahead):
                if last is None:
                    return None
                await self._catch_up(last)
                await self._settle(last)
            old, new = schema_of(self._old), self._schema
            comparison = await compare_schemas(connection, new, old)
            await connection.execute(_COPY_OUTBOX.format(new=new, old=old))
            await connection.execute(_KEEP_REVISIONS.format(new=new, old=old))
            rows = await connection.fetch(_DIFFERENCES.format(new=new, old=old))
            time = await connection.fetchval("select now()")
            topic = log_topic(self._settings.topic_prefix, "anomalies")
            await connection.execute(f"set local search_path to {new}")
            await enqueue(
                connection,
                [
                    message_of(announcement_of_row(_verb(row), row, time), topic, row["subject"])
                    for row in rows
                ],
            )
            await generation.swap(connection, self._new)
            return comparison


def _verb(row: Any) -> Verb:
    """Return what the swap announces of a finding that differs."""
    if row["state"] == "withdrawn":
        return "withdrawn"
    return "revised" if row["old_state"] == "open" else "raised"


_COPY_OUTBOX = """
insert into {new}.outbox (subject, topic, key, value, headers)
select subject, topic, key, value, headers from {old}.outbox order by id
"""

# What the new generation raised and withdrew while it caught up was never announced.
_KEEP_REVISIONS = """
create temporary table merged on commit drop as
select anomaly_id, n.anomaly_id is not null as open, o.state as old_state, o.revision as old_revision,
    o.raised_at, o.revised_at,
    case when n.anomaly_id is null then o.state = 'open'
        else o.state is distinct from 'open' or n.content <> o.content end as changed
from (select * from {new}.finding where state = 'open') n full join {old}.finding o using (anomaly_id);

delete from {new}.finding where state <> 'open';

insert into {new}.finding select o.* from {old}.finding o join merged m using (anomaly_id) where not m.open;

update {new}.finding f set
    state = case when m.open then 'open' else 'withdrawn' end,
    revision = coalesce(m.old_revision, 0) + m.changed::int,
    raised_at = case when m.open and m.old_state is distinct from 'open' then now() else m.raised_at end,
    revised_at = case when m.changed then now() else m.revised_at end
from merged m where m.anomaly_id = f.anomaly_id
"""

_DIFFERENCES = """
select f.*, m.old_state from {new}.finding f join merged m using (anomaly_id)
where m.changed order by f.subject, f.anomaly_id
"""
