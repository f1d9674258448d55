"""From where on the log must be signed: what is noted of topics that are made, found, or made larger."""

import asyncio
import uuid

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewPartitions

from deploy.local import Stack
from deploy.migrations import upgrade
from events.catalogue import CONTEXTS, log_topic
from services.platform.failure import PipelineStoppedError
from services.platform.kafka import administration
from services.platform.log import topics_of
from services.platform.settings import Settings
from services.platform.signing import anything_signed, note_signed, unsigned_topics
from services.platform.topics import create_topics
from tests.services.platform.pipeline.facts import fact
from tests.signing import signed


@pytest.fixture
def settings(stack: Stack, migrated_database: str) -> Settings:
    """Topics of this test's own, and a migrated database."""
    prefix = f"s{uuid.uuid4().hex[:8]}"
    return Settings(kafka=stack.kafka, database_url=migrated_database, topic_prefix=prefix, partitions=1)


async def write(settings: Settings) -> None:
    """Write a payment; who wrote it makes no difference here."""
    topic = log_topic(settings.topic_prefix, "payments")
    key, value, headers = signed(settings, topic, fact("a"))
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    await producer.send_and_wait(topic, value, key, headers=headers)
    await producer.stop()


async def noted(settings: Settings) -> dict[tuple[str, int], int]:
    """The offsets that are noted."""
    connection = await asyncpg.connect(settings.database_url)
    rows = await connection.fetch("SELECT topic, partition, from_offset FROM platform.signed")
    await connection.close()
    return {(row["topic"].rpartition(".")[2], row["partition"]): row["from_offset"] for row in rows}


async def test_topics_that_are_made_must_be_signed_from_the_first_record_on(settings: Settings) -> None:
    made = await create_topics(settings)
    assert set(topics_of(settings, CONTEXTS)) < set(made)
    assert not await anything_signed(settings)
    await note_signed(settings, made)
    assert await anything_signed(settings)
    assert await unsigned_topics(settings) == []
    await write(settings)
    assert await create_topics(settings) == []
    await note_signed(settings, older=True)
    assert await noted(settings) == {(context, 0): 0 for context in CONTEXTS}


async def test_an_older_log_is_signed_from_its_end_on_when_somebody_says_so(settings: Settings) -> None:
    await create_topics(settings)
    await write(settings)
    await note_signed(settings)
    assert await unsigned_topics(settings) == sorted(topics_of(settings, CONTEXTS))
    await note_signed(settings, older=True)
    await write(settings)
    await note_signed(settings, older=True)
    expected = {(context, 0): int(context == "payments") for context in CONTEXTS}
    assert await noted(settings) == expected
    async with administration(settings) as admin:
        await admin.create_partitions({log_topic(settings.topic_prefix, "payments"): NewPartitions(2)})
    async with asyncio.timeout(30):
        while not (left := await unsigned_topics(settings)):
            pass  # the broker has not heard of it yet
    assert left == [log_topic(settings.topic_prefix, "payments")]
    await note_signed(settings)
    assert await noted(settings) == {**expected, ("payments", 1): 0}


async def test_a_log_that_was_made_and_not_noted_is_noted_as_long_as_it_is_empty(settings: Settings) -> None:
    await create_topics(settings)
    await note_signed(settings)
    assert await unsigned_topics(settings) == []


async def test_a_database_of_an_earlier_version_is_said_to_be_one(stack: Stack, database: str) -> None:
    upgrade(database, "0011")
    settings = Settings(
        kafka=stack.kafka, database_url=database, topic_prefix=f"s{uuid.uuid4().hex[:8]}", partitions=1
    )
    made = await create_topics(settings)
    with pytest.raises(PipelineStoppedError, match="`dibao roles apply` brings them up to date"):
        await note_signed(settings, made)
