"""The log as bytes: read whole, and written again elsewhere, partition by partition."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from events.catalogue import CONTEXTS
from services.platform.kafka import connection
from services.platform.log import end_offsets, topics_of
from services.platform.producer import open_producer
from services.platform.settings import Settings

_PENDING = 5000


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as Kafka keeps it. ``context`` and not the topic, which differs from site to site."""

    context: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    def header(self, name: str) -> str:
        """Return a header's text."""
        return dict(self.headers)[name].decode()

    @property
    def event_id(self) -> UUID:
        """The event's id."""
        return UUID(self.header("ce_id"))


async def length(settings: Settings, contexts: Sequence[str] = CONTEXTS) -> int:
    """Return how many records the log of some contexts has."""
    return sum((await end_offsets(settings, contexts)).values())


async def read_raw(settings: Settings, contexts: Sequence[str] = CONTEXTS) -> list[Raw]:
    """Return every record."""
    names = dict(zip(topics_of(settings, contexts), contexts, strict=True))
    ends = await end_offsets(settings, contexts)
    left = {TopicPartition(*place): end for place, end in ends.items() if end}
    if not left:
        return []
    consumer = AIOKafkaConsumer(**connection(settings), max_partition_fetch_bytes=4 * 2**20)
    await consumer.start()
    try:
        consumer.assign(list(left))
        await consumer.seek_to_beginning(*left)
        found: list[Raw] = []
        while left:
            batches: dict[Any, list[Any]] = await consumer.getmany(*left, timeout_ms=1000)
            for partition, records in batches.items():
                context = names[partition.topic]
                found += [
                    Raw(context, partition.partition, record.key, record.value, tuple(record.headers))
                    for record in records
                ]
            for partition, end in list(left.items()):
                if await consumer.position(partition) >= end:
                    del left[partition]
                    consumer.pause(partition)
        return found
    finally:
        await consumer.stop()


async def write_raw(settings: Settings, records: Sequence[Raw]) -> None:
    """Put records on another log, as they are; return when Kafka has acknowledged all of them."""
    names = dict(zip(CONTEXTS, topics_of(settings, CONTEXTS), strict=True))
    producer = await open_producer(settings)
    pending: list[asyncio.Future[Any]] = []
    try:
        for raw in records:
            pending.append(
                await producer.send(
                    names[raw.context],
                    raw.value,
                    raw.key,
                    partition=raw.partition,
                    headers=list(raw.headers),
                )
            )
            if len(pending) >= _PENDING:
                await asyncio.gather(*pending)
                pending.clear()
        await asyncio.gather(*pending)
    finally:
        await producer.stop()
