"""The outbox: nothing lost, nothing overtaken, one relay at a time."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import MetaData

from deploy.local import Stack
from events.reading import values_of
from services.platform.authorship import LogKeys
from services.platform.database import open_pool
from services.platform.failure import InfrastructureLostError, PipelineStoppedError
from services.platform.kafka import administration
from services.platform.log import read_log
from services.platform.outbox import Message, Relay, depth, enqueue, message_of, outbox_table
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings
from services.platform.tables import ddl
from tests.killing import kill_all, start_all
from tests.services.platform.pipeline.facts import fact


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[Any]:
    """A pool on the schema of somebody who has an outbox."""
    pool = await open_outbox(settings, "owner")
    yield pool
    await pool.close()


async def open_outbox(settings: Settings, schema: str) -> Any:
    """Make a schema with an outbox, and give a pool on it."""
    pool = await open_pool(settings.database_url, size=6, schema=schema)
    await pool.execute(f"create schema {schema}; " + ddl([outbox_table(MetaData())]))
    return pool


def message(settings: Settings, subject: str, number: int) -> Message:
    event = fact(f"{subject}-{number:04d}")
    return message_of(event, f"{settings.topic_prefix}.payments", subject)


@asynccontextmanager
async def relaying(settings: Settings, **options: Any) -> AsyncIterator[Relay]:
    stop = asyncio.Event()
    producer = await open_producer(settings)
    relay = Relay(settings.database_url, "owner", producer, LogKeys.from_settings(settings), **options)
    task = asyncio.ensure_future(relay.run(stop))
    try:
        yield relay
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
        await close_producer(producer)


@asynccontextmanager
async def relay_process(settings: Settings, fault: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.services.platform.pipeline.relay",
        env={
            **os.environ,
            "DIBAO_KAFKA": settings.kafka,
            "DIBAO_DATABASE_URL": settings.database_url,
            "DIBAO_FAULT": fault,
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def empty(pool: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while await depth(pool, "owner"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def published(settings: Settings) -> list[str]:
    """The serials on the log, in the order of the one partition that a key goes to, else by partition."""
    return [record.event.serial async for batch in read_log(settings, ["payments"]) for record in batch]


async def test_what_is_committed_is_published_in_order_and_leaves_the_table(
    settings: Settings, owner: Any
) -> None:
    async with owner.acquire() as connection:
        for number in range(30):
            async with connection.transaction():
                await enqueue(connection, [message(settings, "a", number), message(settings, "b", number)])
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await enqueue(connection, [message(settings, "a", 99)])
                raise ZeroDivisionError
    async with relaying(settings):
        await empty(owner)
    found = await published(settings)
    for subject in "ab":
        assert [serial for serial in found if serial[0] == subject] == [
            f"{subject}-{number:04d}" for number in range(30)
        ]
    assert len(found) == 60


async def test_a_message_is_published_as_it_was(settings: Settings, owner: Any) -> None:
    async with owner.acquire() as connection, connection.transaction():
        await enqueue(connection, [message(settings, "a", 1)])
    async with relaying(settings):
        await empty(owner)
    records = [record async for batch in read_log(settings, ["payments"]) for record in batch]
    (read,) = [record.event for record in records]
    stated = fact("a-0001")
    assert (read.event_id, read.time, values_of(read)) == (stated.event_id, stated.time, values_of(stated))


async def test_a_row_in_flight_is_not_lost_and_keeps_nobody_else_waiting(
    settings: Settings, owner: Any
) -> None:
    """Nor does anybody who forgot a transaction elsewhere on the server."""
    slow = await owner.acquire()
    open_transaction = slow.transaction()
    await open_transaction.start()
    await enqueue(slow, [message(settings, "a", 1)])
    async with owner.acquire() as quick, quick.transaction():
        await enqueue(quick, [message(settings, "b", 1), message(settings, "c", 1)])
    async with relaying(settings) as relay:
        relay.wake()
        await empty(owner)
        assert sorted(await published(settings)) == ["b-0001", "c-0001"]
        await open_transaction.commit()
        await owner.release(slow)
        await empty(owner)
    assert sorted(await published(settings)) == ["a-0001", "b-0001", "c-0001"]


async def test_concurrent_writers_of_a_locked_subject_are_published_in_the_order_of_their_locks(
    settings: Settings, owner: Any
) -> None:
    await owner.execute("create table subject (name text primary key, count int not null)")
    await owner.execute("insert into subject values ('a', 0), ('b', 0), ('c', 0)")

    async def write() -> None:
        async with owner.acquire() as connection:
            for step in range(25):
                async with connection.transaction():
                    name = "abc"[step % 3]
                    # An xid before the lock: the later owner of a subject may be the elder transaction.
                    await connection.execute("select pg_current_xact_id()")
                    number = await connection.fetchval(
                        "update subject set count = count + 1 where name = $1 returning count", name
                    )
                    await enqueue(connection, [message(settings, name, number)])
                    await asyncio.sleep(0.005)

    async with relaying(settings):
        await asyncio.gather(*(write() for _ in range(4)))
        await empty(owner)
    found = await published(settings)
    assert len(found) == 100
    for subject in "abc":
        mine = [serial for serial in found if serial[0] == subject]
        assert mine == sorted(mine)


async def test_it_is_woken_at_once(settings: Settings, owner: Any) -> None:
    async with relaying(settings) as relay:
        await asyncio.sleep(0.7)
        waits = []
        for number in range(7):
            async with owner.acquire() as connection, connection.transaction():
                await enqueue(connection, [message(settings, "a", number)])
            since = time.perf_counter()
            relay.wake()
            while await depth(owner, "owner"):
                await asyncio.sleep(0.002)
            waits.append(time.perf_counter() - since)
    assert sorted(waits)[3] < 0.3, waits


async def test_one_relay_at_a_time_and_the_next_takes_over(settings: Settings, owner: Any) -> None:
    async with relay_process(settings) as first:
        async with owner.acquire() as connection:
            await enqueue(connection, [message(settings, "a", 1)])
        await empty(owner)
        async with relaying(settings):
            await asyncio.sleep(1)
            locks = "select count(*) from pg_locks where locktype = 'advisory' and granted and database = ("
            locks += "select oid from pg_database where datname = current_database())"
            assert await owner.fetchval(locks) == 1
            first.kill()
            await first.wait()
            since = time.monotonic()
            async with owner.acquire() as connection:
                await enqueue(connection, [message(settings, "a", 2)])
            await empty(owner)
            assert time.monotonic() - since < 3
    assert await published(settings) == ["a-0001", "a-0002"]


async def test_killed_between_publish_and_mark_it_publishes_again(settings: Settings, owner: Any) -> None:
    async with owner.acquire() as connection:
        await enqueue(connection, [message(settings, "a", number) for number in range(5)])
    async with relay_process(settings, fault="relay.published") as killed:
        assert await asyncio.wait_for(killed.wait(), 20) == -signal.SIGKILL
    assert await depth(owner, "owner") == 5
    async with relaying(settings):
        await empty(owner)
    once = [f"a-{number:04d}" for number in range(5)]
    assert await published(settings) == once + once


async def test_ten_thousand_messages_leave_in_batches(settings: Settings, owner: Any) -> None:
    async with owner.acquire() as connection:
        await enqueue(connection, [message(settings, f"s{number}", 1) for number in range(10_000)])
    async with relaying(settings):
        since = time.perf_counter()
        await empty(owner, seconds=60)
        print(f"outbox: {10_000 / (time.perf_counter() - since):,.0f} messages/s")
    assert len(set(await published(settings))) == 10_000


@pytest.mark.chaos
async def test_postgresql_killed_within_the_time_loses_and_inverts_nothing(
    settings: Settings, owner: Any, mortal: Stack
) -> None:
    async with relaying(settings, retry_seconds=40):
        async with owner.acquire() as connection:
            await enqueue(connection, [message(settings, "a", number) for number in range(20)])
        await asyncio.to_thread(kill_all, mortal, "postgres")
        await asyncio.sleep(1)
        await asyncio.to_thread(start_all, mortal)
        await twenty_more(settings, owner)
    assert list(dict.fromkeys(await published(settings))) == [f"a-{number:04d}" for number in range(40)]


@pytest.mark.chaos
async def test_kafka_killed_loses_and_inverts_nothing_and_who_waits_no_longer_marks_nothing(
    settings: Settings, owner: Any, mortal: Stack
) -> None:
    other = await open_outbox(settings, "other")
    producer, keys = await open_producer(settings), LogKeys.from_settings(settings)
    async with relaying(settings, retry_seconds=60):
        async with owner.acquire() as connection:
            await enqueue(connection, [message(settings, "a", number) for number in range(20)])
        await asyncio.to_thread(kill_all, mortal, "kafka")
        async with other.acquire() as connection:
            await enqueue(connection, [message(settings, "b", 1)])
        relay = Relay(settings.database_url, "other", producer, keys, retry_seconds=1)
        with pytest.raises(InfrastructureLostError):
            await asyncio.wait_for(relay.run(asyncio.Event()), 40)
        assert await depth(other, "other") == 1
        since = time.monotonic()
        await close_producer(producer, seconds=1)
        assert time.monotonic() - since < 5
        await other.close()
        await asyncio.to_thread(start_all, mortal)
        await twenty_more(settings, owner)
    assert list(dict.fromkeys(await published(settings))) == [f"a-{number:04d}" for number in range(40)]


async def twenty_more(settings: Settings, owner: Any) -> None:
    """Put twenty more messages into the outbox, and wait until it is empty."""
    for _ in range(20):
        try:
            async with owner.acquire() as connection:
                await enqueue(connection, [message(settings, "a", number) for number in range(20, 40)])
            await empty(owner, seconds=40)
            break
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await asyncio.sleep(0.3)


async def test_what_kafka_refuses_stops_the_relay_and_says_what_to_do(settings: Settings, owner: Any) -> None:
    """Nothing leaves the outbox; once that is mended, a relay with another producer goes on."""
    name = f"{settings.topic_prefix}.payments"
    async with administration(settings) as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "90"})]
        )
        async with owner.acquire() as connection, connection.transaction():
            await enqueue(connection, [message(settings, "a", number) for number in range(3)])
        producer = await open_producer(settings)
        relay = Relay(settings.database_url, "owner", producer, LogKeys.from_settings(settings))
        with pytest.raises(PipelineStoppedError) as refused:
            async with asyncio.timeout(60):
                await relay.run(asyncio.Event())
        await close_producer(producer)
        said = str(refused.value)
        assert said.startswith("Mend what Kafka refuses: it does not take what the outbox of owner has for")
        assert f"{name} (MessageSizeTooLargeError). `dibao topics apply`" in said
        assert await depth(owner, "owner") == 3
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {})])
    async with relaying(settings):
        await empty(owner)
    assert await published(settings) == [f"a-{number:04d}" for number in range(3)]
