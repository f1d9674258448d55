"""The log as a whole: its cluster, its bounds, and reading it from one place to another without a group."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from events.catalogue import log_topic
from events.codec import UnreadableEventError
from events.envelope import Record
from events.reading import read
from services.platform import quarantine
from services.platform.database import retry_connect
from services.platform.failure import PipelineStoppedError
from services.platform.kafka import administration, connection
from services.platform.offsets import Place
from services.platform.provenance import Provenance
from services.platform.running import stop_consumer, to_its_end
from services.platform.settings import Settings
from services.platform.tracing import context_of

_FETCH_BYTES = 512 * 1024
_ASK_SECONDS = 10.0
_KNOWN_SECONDS = 5.0
"""After that time every broker has heard of a topic that one of them has created."""
_AGAIN_SECONDS = 0.25
_METADATA_MS = 30_000
"""After that time partitions that were added are seen."""


async def cluster_id(settings: Settings, *, seconds: float = _ASK_SECONDS) -> str:
    """Return the id of the Kafka cluster. Raises KafkaConnectionError or TimeoutError where none answers."""
    found = await _asked(settings, lambda admin: admin.describe_cluster(), seconds)
    return str(found["cluster_id"])


async def _asked(
    settings: Settings, ask: Callable[[AIOKafkaAdminClient], Awaitable[Any]], seconds: float = _ASK_SECONDS
) -> Any:
    async def answer() -> Any:
        async with asyncio.timeout(seconds):
            async with administration(settings, request_timeout_ms=int(seconds * 1000)) as admin:
                return await ask(admin)

    # A client that is cancelled while it connects leaks the connection.
    return await to_its_end(answer())


def topics_of(settings: Settings, contexts: Iterable[str]) -> tuple[str, ...]:
    """Return the log topics of contexts."""
    return tuple(log_topic(settings.topic_prefix, context) for context in contexts)


async def check_topics(settings: Settings, topics: Iterable[str]) -> None:
    """Raise PipelineStoppedError where a topic is missing: a Kafka client would wait for it for ever."""
    wanted, until = set(topics), monotonic() + _KNOWN_SECONDS
    while missing := wanted - set(await _asked(settings, lambda admin: admin.list_topics())):
        if monotonic() > until:
            raise PipelineStoppedError(
                f"Kafka at {settings.kafka} lacks the topics {', '.join(sorted(missing))}: "
                "`dibao up` creates the topics of a deployment."
            )
        await asyncio.sleep(_AGAIN_SECONDS)


@asynccontextmanager
async def open_reader(settings: Settings, topics: Sequence[str]) -> AsyncIterator[Any]:
    """Give a consumer of all partitions of topics, which belongs to no group and has no positions yet.

    Raises PipelineStoppedError where a topic is missing.
    """
    await check_topics(settings, topics)
    consumer = AIOKafkaConsumer(
        *topics,
        **connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=100,
        metadata_max_age_ms=_METADATA_MS,
        request_timeout_ms=int(_ASK_SECONDS * 1000),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await stop_consumer(consumer)


async def log_bounds(settings: Settings, contexts: Sequence[str]) -> dict[Place, tuple[int, int]]:
    """Return the first offset kept, and the next offset to be written, of every partition of contexts."""
    async with open_reader(settings, topics_of(settings, contexts)) as consumer:
        partitions = list(consumer.assignment())
        beginning = await consumer.beginning_offsets(partitions)
        end = await consumer.end_offsets(partitions)
    return {
        (partition.topic, partition.partition): (beginning[partition], end[partition])
        for partition in partitions
    }


async def end_offsets(settings: Settings, contexts: Sequence[str]) -> dict[Place, int]:
    """Return the next offset to be written of every partition of contexts."""
    return {place: end for place, (_, end) in (await log_bounds(settings, contexts)).items()}


Ends = Callable[[], Awaitable[dict[Place, int]]]
"""Asks for the next offset to be written of every partition."""


@asynccontextmanager
async def open_ends(settings: Settings, contexts: Sequence[str]) -> AsyncIterator[Ends]:
    """Give a way to ask for the ends of the log again and again, over one connection."""
    async with open_reader(settings, topics_of(settings, contexts)) as consumer:

        async def ends() -> dict[Place, int]:
            # Partitions may have been added since.
            await consumer._client.force_metadata_update()
            found = await consumer.end_offsets(list(consumer.assignment()))
            return {(partition.topic, partition.partition): end for partition, end in found.items()}

        yield ends


def cut_of(ends: Mapping[Place, int]) -> dict[str, dict[str, int]]:
    """Return ends of the log as ``calendar.day_closed`` carries them: {topic: {partition: next offset}}."""
    cut: dict[str, dict[str, int]] = {}
    for (topic, partition), end in sorted(ends.items()):
        cut.setdefault(topic, {})[str(partition)] = end
    return cut


def decode_record(raw: Any) -> Record:
    """Return the record that Kafka delivered, and that is genuine (``Provenance``).

    Raises PipelineStoppedError, naming the place, where this version of dibao cannot read it.
    """
    try:
        event = read(raw.value if raw.value is not None else b"", raw.headers)
    except UnreadableEventError as error:
        raise PipelineStoppedError(
            f"The record at offset {raw.offset} of {raw.topic}, partition {raw.partition}, cannot be read: "
            f"{error}. Nothing is skipped: install the version of dibao that wrote it, and start again; what "
            "no version wrote is put into quarantine by two people (`dibao quarantine`)."
        ) from error
    return Record(raw.topic, raw.partition, raw.offset, event, context_of(raw.headers))


async def read_log(
    settings: Settings,
    contexts: Sequence[str],
    *,
    start: Mapping[Place, int] | None = None,
    end: Mapping[Place, int] | None = None,
    max_records: int = 5000,
) -> AsyncIterator[list[Record]]:
    """Yield the records of contexts in batches, each partition in its order, from ``start`` to below ``end``.

    Defaults: from the first record kept, up to the end of the log at the time of the call. Partitions that a
    mapping leaves out have the default. What none of dibao's processes wrote is passed over, and reported.
    Raises PipelineStoppedError at a record that cannot be read, or is signed with a key that is not here, and
    where ``start`` lies outside the log; KeyFileError without a log key.
    """
    start, end = start or {}, end or {}
    async with (
        aclosing(Provenance(settings)) as provenance,
        open_reader(settings, topics_of(settings, contexts)) as consumer,
    ):
        partitions = list(consumer.assignment())
        beginnings = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        left: dict[TopicPartition, int] = {}
        for partition in partitions:
            place = (partition.topic, partition.partition)
            first = start.get(place, beginnings[partition])
            if not beginnings[partition] <= first <= ends[partition]:
                raise outside(place, first, (beginnings[partition], ends[partition]))
            last = end.get(place, ends[partition])
            consumer.seek(partition, first)
            if first < last:
                left[partition] = last
            else:
                consumer.pause(partition)
        while left:
            batches = await consumer.getmany(*left, timeout_ms=1000, max_records=max_records)
            await provenance.look_up({tuple(partition): raws for partition, raws in batches.items()})
            records, forged = [], []
            for partition, raws in batches.items():
                for raw in raws:
                    if raw.offset >= left[partition]:
                        break
                    try:
                        if provenance.genuine(raw):
                            records.append(decode_record(raw))
                        else:
                            forged.append(raw)
                    except PipelineStoppedError:
                        if not await _in_quarantine(settings, raw):
                            raise
            await provenance.report(forged)
            if records:
                yield records
            for partition, last in list(left.items()):
                if await consumer.position(partition) >= last:
                    del left[partition]
                    consumer.pause(partition)


async def _in_quarantine(settings: Settings, raw: Any) -> bool:
    try:
        connection = await retry_connect(settings.database_url, seconds=0)
    except OSError:
        return False
    try:
        return await quarantine.confirmed(connection, raw)
    except asyncpg.UndefinedTableError:
        return False  # a database that no pipeline has begun in
    finally:
        await connection.close()


_AGAIN = (
    "Put Kafka's data back from the backup that belongs to PostgreSQL's, or make ledgers and findings anew "
    "from the log that there is: `dibao rebuild projection` and `dibao rebuild detection`."
)


def outside(place: Place, position: int, bounds: tuple[int, int]) -> PipelineStoppedError:
    """Return the error of a position that the log does not have."""
    topic, partition = place
    return PipelineStoppedError(
        f"PostgreSQL's offsets do not belong to this Kafka: {topic}, partition {partition}, is to be read "
        f"from offset {position}, but the log has {bounds[0]} to {bounds[1]}. {_AGAIN}"
    )


def made_anew(place: Place) -> PipelineStoppedError:
    """Return the error of a topic that was deleted and created again below a position."""
    return PipelineStoppedError(
        f"PostgreSQL's offsets do not belong to this log: Kafka has made {place[0]} anew since it was read. "
        f"{_AGAIN}"
    )


def another_record(place: Place, offset: int) -> PipelineStoppedError:
    """Return the error of a log that lost its end, and perhaps grew again, below a position."""
    topic, partition = place
    return PipelineStoppedError(
        f"PostgreSQL's offsets do not belong to this log: the event read at offset {offset} of {topic}, "
        f"partition {partition}, does not stand there any more: Kafka has lost the end of its log. {_AGAIN}"
    )
