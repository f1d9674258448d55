"""Repeated means on the log: what Kafka acknowledged and then lost is taken again, and said to be lost."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.bench.logs import read_raw, write_raw
from deploy.local import Stack
from deploy.migrations import upgrade
from events.catalogue import log_topic
from projections.schema import schema_name
from services.intake.context import Intake, open_intake
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.failure import PipelineStoppedError
from services.platform.keys import Keys
from services.platform.log import end_offsets
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.projector.generation import NAME
from services.projector.rebuild import rebuild
from services.projector.service import serve as serve_projector
from tests.conftest import made_database
from tests.operator import make_operator
from tests.services.intake.conftest import client, read
from tests.services.platform.golden import facts_of
from tests.services.platform.kafka_disk import cut

pytestmark = pytest.mark.chaos

FACTS = [
    fact for fact in {fact["id"]: fact for fact in facts_of("payments")}.values() if "paid" in fact["type"]
][:60]


@pytest.fixture
async def settings(own_stack: Stack, tmp_path: Path) -> AsyncIterator[Settings]:
    """An empty deployment on these servers."""
    async with made_database(own_stack) as database:
        settings = Settings(
            kafka=own_stack.kafka,
            database_url=database,
            topic_prefix=f"t{uuid.uuid4().hex[:8]}",
            partitions=2,
            master_key_file=tmp_path / "master.key",
            ack_timeout_seconds=20,
        )
        Keys.create(settings.master_key_file)
        upgrade(database)
        await make_operator(database)
        await create_topics(settings)
        yield settings


async def told(intake: Intake, facts: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """How many of the facts are accepted, and how many repeated."""
    async with client(intake) as http:
        for _ in range(20):
            answer = await http.post("/events", json=list(facts))
            if answer.status_code != 503:
                break
            await asyncio.sleep(1)  # the broker has just come back
    assert answer.status_code == 202, answer.text
    receipt = answer.json()["receipt"]
    return receipt["accepted"], receipt["repeated"]


async def losses(settings: Settings) -> int:
    """How many facts are said to be lost."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        return int(await connection.fetchval("SELECT coalesce(sum(facts), 0) FROM intake.loss"))
    finally:
        await connection.close()


def serials(facts: Sequence[dict[str, Any]]) -> list[str]:
    return sorted(fact["id"] for fact in facts)


async def test_what_kafka_lost_is_taken_again(own_stack: Stack, settings: Settings) -> None:
    topic = log_topic(settings.topic_prefix, "payments")
    async with open_intake([PAYMENTS], settings) as (intake,):
        assert await told(intake, FACTS[:20:2]) == (10, 0)
        assert await told(intake, FACTS[1:20:2]) == (10, 0)
        await asyncio.to_thread(cut, own_stack, topic, batches=1)
        assert await told(intake, FACTS[:20]) == (10, 10)
    assert serials([{"id": event.serial} for event in await read(settings)]) == serials(FACTS[:20])
    assert await losses(settings) == 10


@pytest.mark.parametrize("reopened", [True, False])
async def test_also_where_the_log_has_grown_again_over_it(
    own_stack: Stack, settings: Settings, reopened: bool
) -> None:
    payments, topic = [PAYMENTS], log_topic(settings.topic_prefix, "payments")
    async with open_intake(payments, settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
        await asyncio.to_thread(cut, own_stack, topic)
        if not reopened:
            assert await told(intake, FACTS[20:60]) == (40, 0)
            assert await told(intake, FACTS[:25]) == (20, 5)
    if reopened:
        async with open_intake(payments, settings) as (intake,):
            assert await told(intake, FACTS[20:60]) == (40, 0)
            assert await told(intake, FACTS[:25]) == (20, 5)
    assert serials([{"id": event.serial} for event in await read(settings)]) == serials(FACTS[:60])
    assert await losses(settings) == 20


async def test_what_somebody_put_in_the_place_of_a_lost_fact_is_not_taken_for_it(
    own_stack: Stack, settings: Settings
) -> None:
    payments, topic = [PAYMENTS], log_topic(settings.topic_prefix, "payments")
    async with open_intake(payments, settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
    written = await read_raw(settings, ["payments"])
    await asyncio.to_thread(cut, own_stack, topic)
    # The same ids at the same places, with another content: their MACs are wrong.
    await write_raw(settings, [replace(raw, value=raw.value.replace(b"{", b"{ ", 1)) for raw in written])
    async with open_intake(payments, settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
    assert serials([{"id": event.serial} for event in await read(settings)]) == serials(FACTS[:20])
    assert await losses(settings) == 20


async def test_a_topic_made_anew_has_nothing_of_before(settings: Settings) -> None:
    topic = log_topic(settings.topic_prefix, "payments")
    async with open_intake([PAYMENTS], settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        await admin.delete_topics([topic])
        await admin.close()
        await asyncio.sleep(1)
        await create_topics(settings)
        assert await told(intake, FACTS[:20]) == (20, 0)
        assert await told(intake, FACTS[:20]) == (0, 20)
    assert await losses(settings) == 20


async def test_facts_remembered_before_topics_had_ids_are_looked_up(settings: Settings) -> None:
    async with open_intake([PAYMENTS], settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
        await intake.pool.execute("UPDATE intake.seen SET topic = NULL")
        # Of one nobody noted the place, and of another the place is past the log's end.
        await intake.pool.execute('UPDATE intake.seen SET "offset" = NULL WHERE "offset" = 0')
        await intake.pool.execute('UPDATE intake.seen SET "offset" = 5000 WHERE "offset" = 1')
        accepted, repeated = await told(intake, FACTS[:20])
        assert accepted + repeated == 20
        assert 2 <= accepted <= 4
        assert await told(intake, FACTS[:20]) == (0, 20)


async def projected(settings: Settings) -> list[str]:
    """The serials in the ledgers' tables, sorted, when the projector has read the log to its end."""
    stop, connection = asyncio.Event(), await asyncpg.connect(settings.database_url)
    projector = asyncio.ensure_future(serve_projector(settings, stop))
    try:
        for _ in range(100):
            await asyncio.wait({projector}, timeout=0.2)
            if projector.done():
                break
            ends = sum((await end_offsets(settings, ("payments",))).values())
            read_so_far = await connection.fetchval(
                'SELECT sum(next_offset) FROM platform."offset" WHERE topic = $1',
                log_topic(settings.topic_prefix, "payments"),
            )
            if read_so_far == ends:
                break
        generation = await connection.fetchval("SELECT live FROM platform.generation WHERE name = $1", NAME)
        rows = await connection.fetch(f"SELECT serial FROM {schema_name(generation)}.fact ORDER BY 1")
        return [row["serial"] for row in rows]
    finally:
        stop.set()
        await connection.close()
        await projector


async def test_a_projector_never_skips_what_grew_over_what_it_had_read(
    own_stack: Stack, settings: Settings
) -> None:
    async with open_intake([PAYMENTS], settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
        assert await projected(settings) == serials(FACTS[:20])
        await asyncio.to_thread(cut, own_stack, log_topic(settings.topic_prefix, "payments"))
        assert await told(intake, FACTS[20:60]) == (40, 0)
        with pytest.raises(PipelineStoppedError, match=r"do not belong to this .*rebuild projection"):
            await projected(settings)
        await rebuild(settings)
        assert await projected(settings) == serials(FACTS[20:60])
        assert await told(intake, FACTS[:20]) == (20, 0)
        assert await projected(settings) == serials(FACTS[:60])


async def test_a_rebuild_ends_also_where_the_log_is_shorter_than_what_was_read(
    own_stack: Stack, settings: Settings
) -> None:
    async with open_intake([PAYMENTS], settings) as (intake,):
        assert await told(intake, FACTS[:20]) == (20, 0)
        assert await projected(settings) == serials(FACTS[:20])
        await asyncio.to_thread(cut, own_stack, log_topic(settings.topic_prefix, "payments"))
        await rebuild(settings)
        assert await told(intake, FACTS[:5]) == (5, 0)
        assert await projected(settings) == serials(FACTS[:5])
