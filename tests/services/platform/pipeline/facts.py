"""Small facts on the log, and where they are consumed to."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka.admin import NewTopic

from events.calendar import DayClosed
from events.codec import encode
from events.envelope import Event, Record, event_id_of
from services.platform.database import open_pool
from services.platform.kafka import administration
from services.platform.producer import open_producer
from services.platform.settings import Settings
from services.platform.tables import create_tables
from tests.signing import signed

PARTITIONS = {"payments": 3, "vitals": 1}
CONTEXTS = tuple(PARTITIONS)


def fact(serial: str) -> Event:
    """A small fact. (To the pipeline any type will do; the shortest is a closed day.)"""
    return Event(
        event_id=event_id_of("/test", serial),
        type="dibao.calendar.day_closed.v1",
        source="/test",
        serial=serial,
        time=datetime(2021, 6, 30, 16, tzinfo=UTC),
        digest="0" * 32,
        data=DayClosed.model_validate_json(b'{"day":"2021-06-30","cut":{}}'),
    )


async def create(settings: Settings) -> None:
    """Create the topics of CONTEXTS."""
    async with administration(settings) as admin:
        await admin.create_topics(
            [
                NewTopic(f"{settings.topic_prefix}.{context}", count, settings.replication)
                for context, count in PARTITIONS.items()
            ]
        )


async def publish(
    settings: Settings, serials: Sequence[str], context: str = "payments", *, mac: bool = True
) -> None:
    """Publish a fact for each serial, to the partitions in turn, without a ``mac`` as in former days."""
    topic = f"{settings.topic_prefix}.{context}"
    producer = await open_producer(settings)
    try:
        sent = []
        for number, serial in enumerate(serials):
            key, value, headers = signed(settings, topic, fact(serial)) if mac else encode(fact(serial))
            sent.append(
                await producer.send(
                    topic,
                    value,
                    key=key,
                    headers=headers,
                    partition=number % PARTITIONS[context],
                )
            )
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def publish_raw(
    settings: Settings,
    value: bytes,
    headers: Mapping[str, bytes],
    partition: int,
    *,
    key: bytes | None = None,
    context: str = "payments",
) -> None:
    """Publish bytes that nobody promised to be a fact."""
    producer = await open_producer(settings)
    try:
        topic = f"{settings.topic_prefix}.{context}"
        await producer.send_and_wait(topic, value, key, headers=list(headers.items()), partition=partition)
    finally:
        await producer.stop()


async def publish_forged(settings: Settings) -> int:
    """Publish what somebody may write who can write to topics; return how many records that is.

    A fact of his own, a copy of a genuine one with another id, with another value, or on another topic, and
    bytes that are nothing.
    """
    key, value, headers = signed(settings, f"{settings.topic_prefix}.payments", fact("genuine"))
    said = dict(headers)
    own = dict(encode(fact("forged"))[2])
    await publish_raw(settings, value, own, 0, key=key)
    await publish_raw(settings, value, {**said, "ce_id": own["ce_id"]}, 1, key=key)
    await publish_raw(settings, value.replace(b"2021-06-30", b"2021-07-01"), said, 2, key=key)
    await publish_raw(settings, value, said, 0, key=key, context="vitals")
    await publish_raw(settings, b"{", {}, 1)
    return 5


class Ledger:
    """A handler whose effects would show every record that counted twice, or not at all, or out of order."""

    version = 1
    contexts = CONTEXTS

    def __init__(self, name: str = "ledger", pause: float = 0) -> None:
        self.name = name
        self.pause = pause
        self.seen = 0
        self.batches: list[int] = []
        self.drops = 0
        self.failures: list[BaseException] = []

    async def prepare(self, records: Sequence[Record]) -> Sequence[Record]:
        return records

    async def handle(self, connection: Any, records: Sequence[Record]) -> None:
        await connection.copy_records_to_table(
            "effect",
            records=[(r.event.serial, r.topic, r.partition, r.offset, os.getpid()) for r in records],
            columns=["serial", "topic", "partition", "place", "worker"],
        )
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.failures:
            raise self.failures.pop(0)

    def committed(self, records: Sequence[Record]) -> None:
        self.seen += len(records)
        self.batches.append(len(records))

    def revoked(self) -> None:
        self.drops += 1


@asynccontextmanager
async def ledger_pool(settings: Settings) -> AsyncIterator[Any]:
    """Give a pool on a new database, with the tables of offsets and of effects.

    That of effects has no key, so that a repetition stays.
    """
    pool = await open_pool(settings.database_url, lively=True)
    async with pool.acquire() as connection:
        await create_tables(connection)
        await connection.execute(
            "create table effect"
            " (arrival bigserial, serial text, topic text, partition int, place bigint, worker int)"
        )
    yield pool
    await pool.close()


async def effects(pool: Any) -> list[str]:
    """Return the serials of all effects, sorted."""
    return [row["serial"] for row in await pool.fetch("select serial from effect order by serial")]


async def in_order(pool: Any) -> bool:
    """Return whether every partition was consumed in the order of its offsets."""
    return not await pool.fetchval(
        """
        select exists (
            select from (
                select place, lag(place) over (partition by topic, partition order by arrival) as before
                from effect
            ) as step
            where place <= before
        )
        """
    )


async def eventually(pool: Any, count: int, *tasks: asyncio.Task[Any], seconds: float = 90) -> list[str]:
    """Return the effects as soon as there are ``count``; raise what a task raises before."""
    deadline = time.monotonic() + seconds
    while True:
        found = await pool.fetchval("select count(*) from effect")
        if found >= count:
            return await effects(pool)
        for task in tasks:
            if task.done():
                task.result()
                raise AssertionError("the worker ended")
        assert time.monotonic() < deadline, f"{found} of {count} effects after {seconds} s"
        await asyncio.sleep(0.05)
