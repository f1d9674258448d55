"""The one consumer loop: a batch of the log, its effects and its offsets in one PostgreSQL transaction.

A transport (``aiokafka_transport``, ``faust_transport``) fetches and seeks; this module knows neither. The
contract between them: after every assignment, and after OwnershipLostError, the transport calls ``load``,
seeks to the positions that it returns, and from then on hands over what it fetches with that
``Assignment.token``. Records with an older token are passed over.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any, Protocol

import asyncpg

from events.envelope import Record
from services.platform import metrics, offsets, provenance, quarantine, tracing
from services.platform.database import Connection, Pool
from services.platform.failure import (
    InfrastructureLostError,
    Patience,
    PipelineStoppedError,
    is_infrastructure,
)
from services.platform.fault import Fault
from services.platform.frozen import end_frozen
from services.platform.lineage import Lineage, LogWatch
from services.platform.log import (
    another_record,
    check_topics,
    cluster_id,
    decode_record,
    made_anew,
    outside,
    topics_of,
)
from services.platform.offsets import Mark, Place
from services.platform.provenance import Forgery, Provenance
from services.platform.settings import Settings

__all__ = [
    "Assignment",
    "Handler",
    "InfrastructureLostError",
    "OwnershipLostError",
    "Pipeline",
    "PipelineStoppedError",
    "Tuning",
]

_LOG = logging.getLogger(__name__)

_TEN_YEARS = 10 * 365 * 86400.0
"""In seconds: Kafka's clients want a number where we mean for ever."""

HEARTBEATS = 3
"""Heartbeats a session, as Kafka advises."""

_SLICE = 100
"""Records that are read without giving way."""

Bounds = Callable[[Sequence[Place]], Awaitable[Mapping[Place, tuple[int, int]]]]
"""Asks Kafka for the first offset kept and the next to be written of partitions."""


class OwnershipLostError(Exception):
    """Another worker moved the offsets: all was rolled back and caches dropped; load and seek again."""


class Handler(Protocol):
    """What a pipeline does with the records of its contexts."""

    @property
    def name(self) -> str:
        """Names the pipeline in offsets, in its Kafka group and in fault points."""

    @property
    def version(self) -> int:
        """Another version has offsets of its own."""

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of the log that are consumed."""

    async def prepare(self, records: Sequence[Record]) -> Any:
        """Make of the records what ``handle`` takes: pure, and now and then giving way (``sleep(0)``).

        Called while PostgreSQL still works on the batch before, which may yet fail.
        """

    async def handle(self, connection: Connection, prepared: Any) -> None:
        """Do all effects of the records, in the open transaction of the connection, and no other effects.

        Called again with the same where the transaction failed.
        """

    def committed(self, records: Sequence[Record]) -> None:
        """Called after the commit: wake evaluators, update caches."""

    def revoked(self) -> None:
        """Called where others may have changed what was cached: drop it.

        Also called where the answer to a commit was lost, so ``committed`` was not called for its records.
        """


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a pipeline runs; nothing here changes a result.

    ``retry_seconds``: how long PostgreSQL or Kafka may be away before the process stops: by default for ever;
    ``session_seconds``: after that time without a heartbeat the partitions of a dead worker move;
    ``fetch_wait_ms``: how long Kafka waits for more records before an answer, and so the latency of a record
    whose partition was just read; ``idle_wait_ms``: the same after nothing came for a while, when a rebalance
    waits for it as well;
    ``revoke_seconds``: how long a rebalance waits for the batch in work;
    ``metadata_seconds``: after that time partitions that were added are seen.
    """

    max_records: int = 2000
    fetch_bytes: int = 512 * 1024
    fetch_wait_ms: int = 40
    idle_wait_ms: int = 1000
    retry_seconds: float = math.inf
    session_seconds: float = 6.0
    watch_seconds: float = 5.0
    revoke_seconds: float = 4.0
    commit_seconds: float = 2.0
    metadata_seconds: float = 30.0

    @property
    def batch_seconds(self) -> float:
        """How long a batch may be in work: it may wait for PostgreSQL as long as the pipeline does."""
        return min(self.retry_seconds, _TEN_YEARS) + 600


@dataclass(frozen=True, slots=True)
class Assignment:
    """Partitions with the offsets to read from, and the token of what is read from there."""

    token: int
    positions: Mapping[Place, int]


@dataclass(slots=True)
class _Batch:
    """A batch as it was read: how partitions move on, the records, what is refused, and what stops it."""

    moves: dict[Place, tuple[int, int]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    forged: list[Any] = field(default_factory=list)
    oldest: int | None = None
    """When Kafka got the first of what was read, in ms."""
    unreadable: tuple[Any, PipelineStoppedError] | None = None
    prepared: Any = None


class Pipeline:
    """The core that both transports drive. ``pool`` is an asyncpg pool.

    Raises KeyFileError without a log key.
    """

    def __init__(
        self, settings: Settings, pool: Pool, handler: Handler, tuning: Tuning | None = None
    ) -> None:
        self.settings = settings
        self.handler = handler
        self.tuning = tuning or Tuning()
        self.topics = topics_of(settings, handler.contexts)
        self.group = f"{settings.topic_prefix}.{handler.name}.v{handler.version}"
        self._pool = pool
        self._fault = Fault(settings.fault)
        self._watch = LogWatch(settings)
        self._provenance = Provenance(settings, connect=lambda: pool.acquire(timeout=10), watch=self._watch)
        self._verified: dict[Place, Lineage] = {}
        self._passed_over: set[tuple[str, int, int]] = set()
        self._held: dict[Place, int] = {}
        self._reached: dict[Place, int] = {}
        self._token = 0
        self._reading = asyncio.Lock()
        self._committing = asyncio.Lock()
        self._released = asyncio.Event()
        self._gap: tuple[Place, int, int] | None = None
        self._bounds: Bounds | None = None
        self._shown: set[Place] = set()

    async def ready(self) -> str | None:
        """Say why what it does is not up to date, or None; bring its gauges up to date (``monitor``)."""
        if self._bounds is None:
            return "waits for its partitions"
        held, name = dict(self._held), self.handler.name
        ends = await self._bounds(list(held)) if held else {}
        behind = {place: max(ends[place][1] - following, 0) for place, following in held.items()}
        for place in self._shown - behind.keys():
            metrics.LAG.remove(name, *place)
        self._shown = set(behind)
        for place, lag in behind.items():
            metrics.LAG.labels(name, *place).set(lag)
        total = sum(behind.values())
        return f"is {total} records behind" if total > self.settings.ready_lag else None

    @property
    def held(self) -> dict[Place, int]:
        """The next offset of every partition held, as committed in PostgreSQL."""
        return dict(self._held)

    async def load(self, places: Sequence[Place], bounds: Bounds) -> Assignment:
        """Take partitions over: return where PostgreSQL says that they go on, or begin at the log's start.

        Raises PipelineStoppedError where the offsets do not belong to this Kafka, InfrastructureLostError
        where a server stays away.
        """
        self._token += 1
        token = self._token
        self._bounds = bounds
        self._released.set()
        async with self._reading, self._committing:
            self._released.clear()
            self._forget()
            patience = Patience(self.tuning.retry_seconds, f"Pipeline {self.handler.name}")
            while token == self._token:
                try:
                    positions = await self._positions(places, bounds)
                    await self._stand(places)
                except Exception as error:
                    await self._wait(patience, error)
                else:
                    if token == self._token:
                        self._held.update(positions)
                        self._reached.update(positions)
                    return Assignment(token, positions)
            return Assignment(token, {})

    async def check_cluster(self) -> None:
        """Raise PipelineStoppedError where this is not the Kafka that PostgreSQL's offsets belong to."""
        await self._check_cluster(await cluster_id(self.settings))

    async def watch(self) -> None:
        """Raise when Kafka stays away, which no fetch ever says, or when another Kafka answers."""
        patience = Patience(self.tuning.retry_seconds, f"Pipeline {self.handler.name}")
        while True:
            try:
                found = await cluster_id(self.settings, seconds=max(1.0, self.tuning.watch_seconds))
            except Exception as error:
                await patience.wait(error)
                continue
            patience.reset()
            try:
                await self._check_cluster(found)
            except Exception as error:
                # PostgreSQL's absence is the batches' business: an idle pipeline may wait for it for hours.
                if isinstance(error, PipelineStoppedError):
                    raise
            await asyncio.sleep(self.tuning.watch_seconds)

    async def until(self, stop: asyncio.Event) -> None:
        """Return after ``stop``, when the batch in work is done or was given up."""
        await stop.wait()
        await self.revoke()

    async def wait_for_servers(self, stop: asyncio.Event) -> None:
        """Return when Kafka and PostgreSQL answer and belong together, or at ``stop``.

        Raises PipelineStoppedError where they do not, or a topic is missing; InfrastructureLostError after
        ``retry_seconds``.
        """
        patience = Patience(self.tuning.retry_seconds, f"Pipeline {self.handler.name}")
        while not stop.is_set():
            try:
                await self.check_cluster()
                await check_topics(self.settings, self.topics)
            except Exception as error:
                await patience.wait(error, stop)
            else:
                return

    async def close(self) -> None:
        """Let go of what the pipeline itself has open; the transport calls it last."""
        await self._watch.close()

    async def process(self, token: int, batches: Mapping[Place, Sequence[Any]]) -> None:
        """Do a batch: Kafka's records by partition, each in the partition's order.

        Returns when its effects and offsets are committed, or without any effect where the assignment changed
        meanwhile. Raises OwnershipLostError, PipelineStoppedError, InfrastructureLostError, or what the
        handler raised; then nothing of the batch is committed, except for the records before one that cannot
        be read. It may be called again before it has returned, with what follows: that is read and prepared
        while PostgreSQL works on this.
        """
        async with self._reading:
            batch = await self._read(token, batches)
            if batch is None:
                return
            await self._committing.acquire()
            if batch.unreadable is not None:
                # What follows is not for anybody to look at.
                await self._finish(token, batch)
                raise batch.unreadable[1]
        await self._finish(token, batch)

    async def _finish(self, token: int, batch: _Batch) -> None:
        """Commit a batch, and let the next one have its turn."""
        try:
            if batch.moves:
                await self._commit(token, batch)
        finally:
            self._committing.release()

    async def revoke(self) -> None:
        """Give all partitions up: wait for the batch in work for a while, then abandon it to its fate.

        Whether it commits is then PostgreSQL's comparison of offsets to decide, so nothing counts twice.
        """
        self._token += 1
        self._released.set()
        try:
            async with asyncio.timeout(self.tuning.revoke_seconds):
                async with self._reading, self._committing:
                    pass
        except TimeoutError:
            _LOG.warning("Pipeline %s: partitions go while a batch is still in work", self.handler.name)
        self._forget()

    async def _look_up(self, token: int, batches: Mapping[Place, Sequence[Any]]) -> bool:
        """Learn what must be signed; whether the assignment is still the same."""
        patience = Patience(self.tuning.retry_seconds, f"Pipeline {self.handler.name}")
        while token == self._token:
            try:
                await self._provenance.look_up(batches)
            except Exception as error:
                await self._wait(patience, error)
            else:
                return token == self._token
        return False

    async def _read(self, token: int, batches: Mapping[Place, Sequence[Any]]) -> _Batch | None:
        """Read a batch and prepare it; None where the assignment changed meanwhile."""
        if token != self._token or not await self._look_up(token, batches):
            return None
        batch = await self._decode(batches)
        while batch.unreadable is not None and await self._quarantined(batch.unreadable[0]):
            batch = await self._decode(batches)
        batch.prepared = await self.handler.prepare(batch.records)
        if token != self._token:
            return None
        self._reached.update({place: following for place, (_, following) in batch.moves.items()})
        return batch

    async def _decode(self, batches: Mapping[Place, Sequence[Any]]) -> _Batch:
        batch = _Batch()
        genuine = self._provenance.genuine
        count = 0
        for place, raws in batches.items():
            held = self._reached.get(place)
            if held is None:
                continue
            fresh = raws if raws and raws[0].offset >= held else [raw for raw in raws if raw.offset >= held]
            if not fresh:
                continue
            self._check_gap(place, held, fresh[0].offset)
            first = fresh[0].timestamp
            batch.oldest = first if batch.oldest is None else min(batch.oldest, first)
            following = held
            for raw in fresh:
                count += 1
                if count % _SLICE == 0:
                    # The batch before is on its way to PostgreSQL, which waits for this loop's turn.
                    await asyncio.sleep(0)
                try:
                    if genuine(raw):
                        batch.records.append(decode_record(raw))
                    else:
                        batch.forged.append(raw)
                except PipelineStoppedError as error:
                    if (*place, raw.offset) not in self._passed_over:
                        batch.unreadable = raw, error
                        break
                following = raw.offset + 1
            if following > held:
                batch.moves[place] = (held, following)
        return batch

    async def _quarantined(self, raw: Any) -> bool:
        async with self._pool.acquire(timeout=10) as connection:
            found = await quarantine.confirmed(connection, raw)
        if found:
            _LOG.warning(
                "the record at offset %d of %s, partition %d, is in quarantine and is passed over",
                raw.offset,
                raw.topic,
                raw.partition,
            )
            self._passed_over.add((raw.topic, raw.partition, raw.offset))
        return found

    def _check_gap(self, place: Place, held: int, first: int) -> None:
        """A jump forward is read again once. If it is still there, the log itself has no records between."""
        if first == held:
            return
        gap = (place, held, first)
        if self._gap != gap:
            self._gap = gap
            self._lose()
            raise OwnershipLostError(f"{place[0]}, partition {place[1]}: {held} was due, {first} came")

    async def _commit(self, token: int, batch: _Batch) -> None:
        patience = Patience(self.tuning.retry_seconds, f"Pipeline {self.handler.name}")
        while token == self._token:
            try:
                await self._stand(list(batch.moves))
                began = monotonic()
                with self._followed(batch):
                    forged = await self._transaction(batch)
            except OwnershipLostError:
                self._lose()
                raise
            except Exception as error:
                await self._wait(patience, error)
            else:
                patience.reset()
                self._measure(batch, monotonic() - began)
                self._fault.here(f"{self.handler.name}.after_commit")
                provenance.say(forged)
                self.handler.committed(batch.records)
                if token == self._token:
                    self._held.update({place: following for place, (_, following) in batch.moves.items()})
                else:
                    self.handler.revoked()
                return

    def _followed(self, batch: _Batch) -> AbstractContextManager[tracing.Span]:
        """Follow an attempt to commit a batch, where there are facts in it that are followed."""
        return tracing.span(
            f"process {self.handler.name}",
            "consumer",
            of=(record.trace for record in batch.records),
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.consumer.group.name": self.group,
                "messaging.batch.message_count": len(batch.records),
            },
        )

    def _measure(self, batch: _Batch, seconds: float) -> None:
        name, records = self.handler.name, batch.records
        metrics.BATCH_SECONDS.labels(name).observe(seconds)
        metrics.BATCH_RECORDS.labels(name).observe(len(records))
        if records:
            metrics.RECORDS.labels(name).inc(len(records))
            now = time()
            told = min([record.event.time for record in records]).timestamp()
            metrics.DELAY.labels(name, "event").observe(max(now - told, 0))
            if batch.oldest is not None:
                metrics.DELAY.labels(name, "record").observe(max(now - batch.oldest / 1000, 0))

    async def _wait(self, patience: Patience, error: Exception) -> None:
        """Wait before the next attempt; whoever holds the lock that was waited for may be frozen."""
        if isinstance(error, asyncpg.LockNotAvailableError):
            try:
                await end_frozen(self._pool)
            except Exception as away:
                if not is_infrastructure(away):
                    raise
        await patience.wait(error, self._released)

    async def _transaction(self, batch: _Batch) -> list[Forgery]:
        """Do the batch; return what was refused in it and nobody has reported before."""
        name, version = self.handler.name, self.handler.version
        # Of a partition that moved over what is passed over alone, the next to look finds out.
        marks = {place: Mark(self._verified[place].topic_id, None, None) for place in batch.moves}
        for place, record in {(record.topic, record.partition): record for record in batch.records}.items():
            marks[place] = marks[place]._replace(offset=record.offset, event_id=record.event.event_id)
        self._fault.here(f"{name}.before_transaction")
        async with self._pool.acquire(timeout=10) as connection, connection.transaction():
            if not await offsets.compare_and_set(connection, name, version, batch.moves, marks):
                raise OwnershipLostError(f"another worker moved the offsets of {name}")
            await self.handler.handle(connection, batch.prepared)
            forged = await provenance.keep(connection, batch.forged) if batch.forged else []
            self._fault.here(f"{name}.before_commit")
        return forged

    async def _stand(self, places: Sequence[Place]) -> None:
        """See that the log below the positions is the one that they were read from.

        What was read before stays true as long as no broker died and no leader changed; after that, the last
        event below each position is looked for. Raises PipelineStoppedError where another one stands there,
        or none.
        """
        if not places:
            return
        lineages = await self._watch.lineages({topic for topic, _ in places})
        changed = [place for place in places if self._verified.get(place) != lineages[place[0]]]
        if not changed:
            return
        name, version = self.handler.name, self.handler.version
        async with self._pool.acquire(timeout=10) as connection:
            marks = await offsets.marks_of(connection, name, version)
            positions = await offsets.positions(connection, name, version)
            below = {
                place: offset
                for place in changed
                if (offset := _below(marks[place], positions[place])) is not None
            }
            found = await self._watch.event_ids(below)
            unknown: dict[Place, Mark] = {}
            for place in changed:
                mark, topic_id, event_id = marks[place], lineages[place[0]].topic_id, found.get(place)
                if mark.topic_id is not None and mark.topic_id != topic_id:
                    raise made_anew(place)
                if mark.event_id is not None and event_id != mark.event_id:
                    raise another_record(place, below[place])
                if mark.event_id is None:
                    unknown[place] = Mark(topic_id, below.get(place) if event_id else None, event_id)
            if unknown:
                await offsets.set_marks(connection, name, version, unknown)
        self._verified.update({place: lineages[place[0]] for place in changed})

    def _lose(self) -> None:
        self._token += 1
        self._forget()

    def _forget(self) -> None:
        self._held.clear()
        self._reached.clear()
        self.handler.revoked()

    async def _positions(self, places: Sequence[Place], bounds: Bounds) -> dict[Place, int]:
        if not places:
            return {}
        limits = await bounds(places)
        starts = {place: limits[place][0] for place in places}
        async with self._pool.acquire(timeout=10) as connection:
            found = await offsets.begin(connection, self.handler.name, self.handler.version, starts)
        for place, position in found.items():
            if not limits[place][0] <= position <= limits[place][1]:
                # The end was asked for before the position: another worker may have moved on since.
                limits = await bounds(places)
                if not limits[place][0] <= position <= limits[place][1]:
                    raise outside(place, position, limits[place])
        return found

    async def _check_cluster(self, found: str) -> None:
        async with self._pool.acquire(timeout=10) as connection:
            expected = await offsets.remember_cluster(connection, found)
        if found != expected:
            raise PipelineStoppedError(
                f"PostgreSQL's offsets do not belong to this Kafka: they are of the cluster {expected}, and "
                f"{self.settings.kafka} is the cluster {found}. Start the Kafka that they belong to, restore "
                "both from the same backup, or run `dibao down --purge` and publish the facts again."
            )


def _below(mark: Mark, position: int) -> int | None:
    if mark.offset is not None:
        return mark.offset
    return position - 1 if position else None
