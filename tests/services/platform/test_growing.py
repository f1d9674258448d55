"""Partitions are added while facts come in: no key loses its order, nothing is lost or counts twice."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from aiokafka.admin import NewPartitions

from deploy.local import Stack
from events.codec import encode
from services.intake.answers import Unavailable
from services.intake.publisher import Publisher
from services.platform import offsets
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.authorship import LogKeys
from services.platform.database import open_pool
from services.platform.faust_transport import run_faust
from services.platform.growing import GrowingError, Reader, grow
from services.platform.kafka import administration
from services.platform.partitioning import Dealing, dealing_of
from services.platform.pipeline import Pipeline, Tuning
from services.platform.protection import Message
from services.platform.settings import Settings
from tests.services.platform.pipeline.contract import Run
from tests.services.platform.pipeline.facts import Ledger, create, eventually, fact, ledger_pool, publish
from tests.services.platform.pipeline.worker import QUICK

READERS = (Reader("ledger", 1, ("payments", "vitals")),)
KEYS = 20
SLOW = replace(QUICK, max_records=20)


@pytest.fixture
async def settings(stack: Stack, database: str) -> Settings:
    """Settings of an own set of topics and an own database."""
    prefix = f"g{uuid.uuid4().hex[:10]}"
    settings = Settings(kafka=stack.kafka, database_url=database, topic_prefix=prefix, fault="")
    await create(settings)
    return settings


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Any]:
    """A pool on the test's database, with the tables of offsets and effects."""
    async with ledger_pool(settings) as opened:
        yield opened


def message(settings: Settings, key: int, number: int) -> Message:
    """The fact of that number, of those of a key."""
    stated, named = fact(f"k{key:02d}-{number:05d}"), f"K{key}".encode()
    _, value, headers = encode(stated)
    headers.append(LogKeys.from_settings(settings).mac(topic_of(settings), named, value, headers))
    return Message(stated.event_id, stated.digest, named, value, headers)


def topic_of(settings: Settings) -> str:
    return f"{settings.topic_prefix}.payments"


class Upstream:
    """Publishes fact after fact of each key; the next one once the one before it is acknowledged."""

    def __init__(self, settings: Settings, publishers: Sequence[Publisher]) -> None:
        self.acknowledged: list[str] = []
        self.refused = 0
        self._settings = settings
        self._publishers = itertools.cycle(publishers)
        self._enough = asyncio.Event()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for key in range(KEYS):
                group.create_task(self._of_key(key))

    def stop(self) -> None:
        self._enough.set()

    async def _of_key(self, key: int) -> None:
        topic = topic_of(self._settings)
        for number in itertools.count():
            while True:
                try:
                    [place] = await next(self._publishers).publish(
                        topic, [message(self._settings, key, number)]
                    )
                except Unavailable:
                    place = None
                if place is not None:
                    break
                self.refused += 1
                await asyncio.sleep(0.05)
            self.acknowledged.append(f"k{key:02d}-{number:05d}")
            if self._enough.is_set():
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def upstream_of(settings: Settings, count: int = 2) -> AsyncIterator[Upstream]:
    """Publish through several publishers, each with a producer that learns of partitions by itself."""
    pool = await open_pool(settings.database_url, size=8)
    publishers = [Publisher(settings, pool) for _ in range(count)]
    upstream = Upstream(settings, publishers)
    running = asyncio.ensure_future(upstream.run())
    try:
        yield upstream
        upstream.stop()
        await asyncio.wait_for(running, 60)
    finally:
        running.cancel()
        await asyncio.wait({running})
        for publisher in publishers:
            await publisher.close()
        await pool.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


async def settled(pool: Any, upstream: Upstream) -> None:
    """Wait until all that was acknowledged has its effect."""
    async with asyncio.timeout(60):
        while await pool.fetchval("select count(distinct serial) from effect") < len(upstream.acknowledged):
            await asyncio.sleep(0.05)


async def arrived(pool: Any) -> dict[str, list[str]]:
    """The facts of each key, in the order in which they had their first effect."""
    rows = await pool.fetch("select serial from effect group by serial order by min(arrival)")
    found: dict[str, list[str]] = {}
    for (serial,) in rows:
        found.setdefault(serial[:3], []).append(serial)
    return found


async def partitions_used(pool: Any) -> set[int]:
    rows = await pool.fetch("select distinct partition from effect where topic like '%payments'")
    return {row["partition"] for row in rows}


class Growing:
    """What holds on each transport."""

    run: ClassVar[Run]

    @asynccontextmanager
    async def worker(
        self, settings: Settings, pool: Any, pause: float = 0.0, tuning: Tuning = QUICK
    ) -> AsyncIterator[Any]:
        stop = asyncio.Event()
        pipeline = Pipeline(settings, pool, Ledger(pause=pause), tuning)
        task = asyncio.ensure_future(type(self).run(pipeline, stop))
        yield task
        stop.set()
        await asyncio.wait({task}, timeout=20)
        task.result()

    async def test_keys_keep_their_order_while_partitions_are_added(
        self, settings: Settings, pool: Any
    ) -> None:
        said: list[str] = []
        # One is slow, and has much left to read when keys move: the other one would read a key's later facts
        # on a new partition before its earlier ones are read on the old one.
        async with (
            self.worker(settings, pool, pause=0.5, tuning=SLOW) as slow,
            self.worker(settings, pool) as quick,
            upstream_of(settings) as upstream,
        ):
            await until(lambda: len(upstream.acknowledged) > 8 * KEYS)
            grown = await grow(settings, 7, READERS, contexts=("payments",), patience=40, tell=said.append)
            assert grown.topics == (topic_of(settings),)
            after = len(upstream.acknowledged)
            await until(lambda: len(upstream.acknowledged) > after + 4 * KEYS)
            upstream.stop()
            await eventually(pool, after + 4 * KEYS, slow, quick)
            await settled(pool, upstream)
        found = await arrived(pool)
        assert sorted(itertools.chain(*found.values())) == sorted(upstream.acknowledged), "all, and no others"
        assert all(serials == sorted(serials) for serials in found.values()), "each key in its order"
        assert await partitions_used(pool) == set(range(7))
        assert upstream.refused > 0, "nothing was on its way when keys moved"
        print(f"{len(upstream.acknowledged)} facts, nothing accepted for {grown.seconds:.2f} s")


class TestAiokafka(Growing):
    run: ClassVar[Run] = staticmethod(run_aiokafka)


@pytest.mark.slow
class TestFaust(Growing):
    run: ClassVar[Run] = staticmethod(run_faust)


@pytest.fixture
async def publisher(settings: Settings, pool: Any) -> AsyncIterator[Publisher]:
    """A publisher of the test's own, on a log whose topic has more partitions than keys are dealt to."""
    async with administration(settings) as admin:
        await admin.create_partitions({topic_of(settings): NewPartitions(7)})
    await pool.execute("insert into platform.partitions values ($1, 3)", topic_of(settings))
    opened = Publisher(settings, pool)
    yield opened
    await opened.close()


def places(acknowledged: Sequence[Any]) -> set[int]:
    return {place.partition for place in acknowledged if place is not None}


async def test_keys_go_where_postgresql_says_however_many_partitions_kafka_has(
    settings: Settings, pool: Any, publisher: Publisher
) -> None:
    topic, messages = topic_of(settings), [message(settings, key, 0) for key in range(KEYS)]
    assert places(await publisher.publish(topic, messages)) == {0, 1, 2}
    # Of those that were sent by the old number nothing is accepted, once there is another.
    await pool.execute("update platform.partitions set partitions = 7")
    assert await publisher.publish(topic, messages) == [None] * KEYS
    assert places(await publisher.publish(topic, messages)) == set(range(7))


async def test_nothing_is_accepted_while_keys_move_and_whoever_moves_them_is_heard_of(
    settings: Settings, pool: Any, publisher: Publisher
) -> None:
    topic, messages = topic_of(settings), [message(settings, key, 0) for key in range(KEYS)]
    assert None not in await publisher.publish(topic, messages)
    await pool.execute("update platform.partitions set moving_until = now() + interval '2 s'")
    assert await publisher.publish(topic, messages) == [None] * KEYS, "it did not know yet"
    with pytest.raises(Unavailable):
        await publisher.publish(topic, messages)
    await asyncio.sleep(2)
    assert None not in await publisher.publish(topic, messages)


async def test_where_a_pipeline_does_not_run_keys_stay(settings: Settings, pool: Any) -> None:
    topic = topic_of(settings)
    with pytest.raises(GrowingError, match="A pipeline does not run, or has not seen the partitions"):
        await grow(settings, 5, READERS, contexts=("payments",), patience=1, tell=print)
    assert await dealing_of(pool, [topic]) == {topic: Dealing(3)}
    with pytest.raises(GrowingError, match="there can only be more of them"):
        await grow(settings, 2, READERS, contexts=("payments",), patience=1, tell=print)
    # Kafka has the partitions already; as soon as somebody reads them, keys go there.
    grown = await grow(settings, 5, (), contexts=("payments",), tell=print)
    assert grown.topics == (topic,)
    assert await dealing_of(pool, [topic]) == {topic: Dealing(5)}
    assert (await grow(settings, 5, READERS, contexts=("payments",), tell=print)).topics == ()


async def test_what_has_not_caught_up_holds_keys_where_they_are(settings: Settings, pool: Any) -> None:
    topic = topic_of(settings)
    await publish(settings, [f"f{number}" for number in range(9)])
    reached = {(topic, number): 0 for number in range(4)}
    await offsets.set_position(pool, "ledger", 1, reached)
    with pytest.raises(GrowingError, match="ledger is 9 records behind"):
        await grow(settings, 4, READERS, contexts=("payments",), patience=1, tell=print)
    assert await dealing_of(pool, [topic]) == {topic: Dealing(3)}, "and they move no more"
