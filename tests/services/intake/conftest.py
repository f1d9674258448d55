"""A deployment of a test's own: topics of its own prefix, an empty migrated database, a master key."""

import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from fastapi import FastAPI

from deploy.contexts import DECLARATIONS
from deploy.local import Stack, StackSettings, down, up
from events.catalogue import CONTEXTS
from events.envelope import Event
from events.reading import values_of
from services.intake.context import Intake, open_intake
from services.intake.http import application
from services.platform.keys import Keys
from services.platform.log import read_log
from services.platform.openings import Opener
from services.platform.settings import Settings
from services.platform.topics import create_topics, topics
from tests.operator import OPERATOR_KEY, make_operator

OpenIntake = Callable[[str], Awaitable[Intake]]


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """Servers of a file's own tests: they are killed, and lose data."""
    with tempfile.TemporaryDirectory(prefix="dibao-own-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        settings = StackSettings(root=root, fsync=False, shared_buffers="128MB")
        try:
            yield up(settings)
        finally:
            down(settings, purge=True)


@pytest.fixture
async def settings(stack: Stack, migrated_database: str, tmp_path: Path) -> Settings:
    """Settings of an empty deployment whose topics, database and key are there."""
    settings = Settings(
        kafka=stack.kafka,
        database_url=migrated_database,
        topic_prefix=f"t{uuid.uuid4().hex[:8]}",
        partitions=2,
        master_key_file=tmp_path / "master.key",
        ack_timeout_seconds=5,
    )
    Keys.create(settings.master_key_file)
    await make_operator(migrated_database)
    await create_topics(settings)
    return settings


@pytest.fixture
async def open_context(settings: Settings) -> AsyncIterator[OpenIntake]:
    """Opens the intake of a context; all are closed after the test."""
    async with AsyncExitStack() as exits:

        async def open_one(context: str) -> Intake:
            (intake,) = await exits.enter_async_context(open_intake([DECLARATIONS[context]], settings))
            return intake

        yield open_one


def opening(intake: Intake) -> Opener:
    """What opens sealed values for somebody of the tests."""
    return Opener(intake.pool, intake.keys, "tests", "to see what it is")


@asynccontextmanager
async def client(intake: Intake, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the intake's web application, by default with the local operator's key."""
    headers = {"Authorization": f"Bearer {key if key is not None else OPERATOR_KEY}"}
    async with served(application(intake)) as http:
        http.headers.update(headers)
        yield http


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a web application, in this process."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        yield http


async def read(settings: Settings, *contexts: str) -> list[Event]:
    """Every event on the log of contexts; by default of all."""
    return [record.event async for batch in read_log(settings, contexts or CONTEXTS) for record in batch]


async def raw(settings: Settings, *only: str) -> list[ConsumerRecord]:
    """Every record of topics as bytes; by default of all topics but those of intake."""
    names = only or tuple(topic.name for topic in topics(settings) if ".intake." not in topic.name)
    partitions = [
        TopicPartition(topic.name, number)
        for topic in topics(settings)
        if topic.name in names
        for number in range(topic.partitions)
    ]
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
        return records
    finally:
        await consumer.stop()


def open_values(event: Event, *without: str) -> dict[str, Any]:
    """The data of an event that the log's readers see and that are given, but for some fields."""
    return {
        name: value for name, value in values_of(event).items() if value is not None and name not in without
    }
