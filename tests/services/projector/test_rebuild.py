"""A rebuild on real Kafka, while the projector writes and reports are read."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local import Stack
from events.codec import encode
from projections.schema import answers
from services.platform.database import open_pool
from services.platform.rebuilding import RebuildRunningError
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.projector.generation import GenerationError, ensure
from services.projector.rebuild import rebuild
from services.projector.service import serve
from services.reporting import queries
from tests.oracle import stating as s
from tests.oracle.facts import Raw
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log

OTHER_CODE = f"dibao projection, filled by other code, answers {answers()}"
"""What a generation says that other code has filled, with the tables and questions of this one."""


@dataclass
class World:
    """A log in Kafka, a database, and what upstream stated so far."""

    settings: Settings
    pool: asyncpg.Pool
    producer: AIOKafkaProducer
    log: Log
    raws: list[Raw]

    async def state(self, *raws: Raw) -> None:
        self.raws += raws
        for record in await self.log.state(*raws):
            key, value, headers = encode(record.event)
            await self.producer.send(
                f"{self.settings.topic_prefix}.{record.event.entry.context}", value, key, headers=headers
            )
        await self.producer.flush()

    async def payments(self) -> int:
        return len((await queries.ledger(self.pool, "payments", queries.LedgerFilter())).rows)

    async def wait_for(self, payments: int) -> None:
        async with asyncio.timeout(30):
            while await self.payments() < payments:
                await asyncio.sleep(0.05)


@pytest.fixture
async def world(stack: Stack, database: str) -> AsyncIterator[World]:
    settings = Settings(
        kafka=stack.kafka,
        database_url=database,
        topic_prefix=f"t{uuid.uuid4().hex[:8]}",
        partitions=2,
    )
    await create_topics(settings)
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    pool = await open_pool(database, size=4)
    async with pool.acquire() as connection:
        await ensure(connection)
    try:
        yield World(settings, pool, producer, Log(), [])
    finally:
        await producer.stop()
        await pool.close()


def _months(year: int) -> list[str]:
    return [f"{year}-{number:02d}" for number in range(1, 13)]


async def test_swap_under_readers_and_writers(world: World) -> None:
    await world.state(s.enrolled(s.WANG, s.LI, from_month="2018-01", decided_on="2017-12-20"))
    wrong = s.paid("2018-07", 777)
    await world.state(wrong, *(s.paid(month) for year in (2018, 2019) for month in _months(year)))
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))
    try:
        await world.wait_for(25)
        done = asyncio.Event()

        async def read() -> list[int]:
            seen = []
            while not done.is_set():
                seen.append(await world.payments())
            return seen

        async def publish() -> None:
            for month in _months(2020):
                await world.state(s.paid(month))

        readers = [asyncio.ensure_future(read()) for _ in range(3)]
        publisher = asyncio.ensure_future(publish())
        told: list[tuple[int, int]] = []
        rebuilt = await rebuild(world.settings, lambda read, total: told.append((read, total)))
        await publisher
        await world.state(s.voided(wrong, household_no="H1"), s.exited(s.LI, stop_month="2020-06"))
        await world.wait_for(37)
        async with asyncio.timeout(30):
            while (await by_product(world.pool, None))["annex2"]["A1p"] != 1:
                await asyncio.sleep(0.05)
        done.set()
        seen_by_reader = await asyncio.gather(*readers)
    finally:
        stop.set()
        await asyncio.wait_for(projector, 30)

    assert rebuilt.generation == 2
    assert told and told[-1][0] >= 26
    for seen in seen_by_reader:
        assert seen == sorted(seen), "no reader saw less than before"
        assert seen[0] >= 25
    assert await by_product(world.pool, None) == by_oracle(world.raws, None, world.log)
    schemas = await world.pool.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'projection%'")
    assert [row["nspname"] for row in schemas] == ["projection_g2"]


async def test_rebuild_without_a_projector(world: World) -> None:
    await world.state(s.enrolled(s.WANG), s.paid("2021-01"), s.paid("2021-02"))
    rebuilt = await rebuild(world.settings)
    assert (rebuilt.generation, rebuilt.facts, rebuilt.records) == (2, 3, 3)
    assert await world.payments() == 2
    await world.state(s.paid("2021-03"))
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))
    try:
        await world.wait_for(3)
    finally:
        stop.set()
        await asyncio.wait_for(projector, 30)


async def test_one_rebuild_at_a_time(world: World) -> None:
    async with world.pool.acquire() as other:
        await other.execute("SELECT pg_advisory_lock($1)", 0x6469_6261_6F51)
        with pytest.raises(RebuildRunningError, match="wait for its end"):
            await rebuild(world.settings)


async def test_a_projection_of_before_fingerprints_is_refused_and_rebuilt(world: World) -> None:
    await world.state(s.paid("2021-01"))
    async with world.pool.acquire() as connection:
        await connection.execute("COMMENT ON SCHEMA projection_g1 IS 'dibao projection, version 0'")
        with pytest.raises(GenerationError, match="dibao rebuild projection"):
            await ensure(connection)
        with pytest.raises(queries.NoProjectionError, match="`dibao up` rebuilds it"):
            await world.payments()
        await rebuild(world.settings)
        assert await ensure(connection) == 2
    table = await queries.annex2(world.pool, date(2021, 12, 31))
    assert table.total["A1h"] == 0


async def test_the_projector_waits_for_the_rebuild_of_what_other_code_has_made(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.state(s.enrolled(s.WANG), s.paid("2021-01"))
    await _until_read(world, 1)
    await world.pool.execute(f"COMMENT ON SCHEMA projection_g1 IS '{OTHER_CODE}'")
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))
    try:
        await world.state(s.paid("2021-02"))
        async with asyncio.timeout(30):
            while "The projector waits" not in caplog.text:
                await asyncio.sleep(0.05)
        assert await world.payments() == 1, "it is read as it was, and not written"
        rebuilt = await rebuild(world.settings)
        assert (rebuilt.generation, await world.payments()) == (2, 2)
        await world.state(s.paid("2021-03"))
        await world.wait_for(3)
    finally:
        stop.set()
        await asyncio.wait_for(projector, 30)
    assert caplog.text.count("The projector waits") == 1


async def test_a_projector_of_other_code_leaves_the_new_generation_alone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """As one does that runs on while the next version rebuilds."""
    await world.state(s.paid("2021-01"))
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))
    try:
        await world.wait_for(1)
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute("ALTER SCHEMA projection_g1 RENAME TO projection_g2")
            await connection.execute(f"COMMENT ON SCHEMA projection_g2 IS '{OTHER_CODE}'")
            await connection.execute("UPDATE platform.generation SET live = 2 WHERE name = 'projection'")
        await world.state(s.paid("2021-02"))
        async with asyncio.timeout(30):
            while "made by other code" not in caplog.text:
                await asyncio.sleep(0.05)
        assert await world.payments() == 1
    finally:
        stop.set()
        await asyncio.wait_for(projector, 30)


async def _until_read(world: World, payments: int) -> None:
    """Let a projector run until it has read so many payments."""
    stop = asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))
    try:
        await world.wait_for(payments)
    finally:
        stop.set()
        await asyncio.wait_for(projector, 30)


async def test_it_ends_although_facts_come_all_the_time(world: World) -> None:
    """Who is live is always a little ahead: in the end it waits for the last stretch."""
    await world.state(s.enrolled(s.WANG), s.paid("2021-01"))
    stop, done = asyncio.Event(), asyncio.Event()
    projector = asyncio.ensure_future(serve(world.settings, stop))

    async def publish() -> None:
        while not done.is_set():
            await world.state(s.paid("2021-02"))
            await asyncio.sleep(0.005)

    try:
        await world.wait_for(1)
        publishing = asyncio.ensure_future(publish())
        try:
            async with asyncio.timeout(60):
                rebuilt = await rebuild(world.settings)
        finally:
            done.set()
            await publishing
        assert rebuilt.generation == 2
        await world.wait_for(len(world.raws) - 1)
    finally:
        stop.set()
        await asyncio.gather(projector)
    assert await world.payments() == len(world.raws) - 1
