"""A Kafka that refuses connections is asked again at a pace: no client of ours keeps a processor busy."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiokafka.client
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient, CloseReason

from deploy.local import Stack
from services.platform.kafka import connection
from services.platform.producer import close_producer, open_producer
from services.platform.running import stop_consumer
from services.platform.settings import Settings
from tests.services.platform.pipeline.facts import create

SECONDS = 3.0
A_SECOND = 12
"""Attempts at most, of one client."""


class Refusal:
    """Refuses every connection from now on, and counts who tries."""

    def __init__(self) -> None:
        self.attempts = 0

    async def __call__(self, *_: object, **__: object) -> None:
        self.attempts += 1
        await asyncio.sleep(0)
        raise ConnectionRefusedError("refused")


@asynccontextmanager
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaClient]:
    """One that has something to send."""
    opened = await open_producer(settings)
    topic = f"{settings.topic_prefix}.payments"
    await opened.send_and_wait(topic, b"{}")

    async def send() -> None:
        while True:
            await opened.send(topic, b"{}")
            await asyncio.sleep(0.05)

    sending = asyncio.ensure_future(send())
    yield opened.client
    sending.cancel()
    await close_producer(opened, seconds=0.1)


@asynccontextmanager
async def reader(settings: Settings) -> AsyncIterator[AIOKafkaClient]:
    """One of single partitions."""
    opened = AIOKafkaConsumer(**connection(settings))
    await opened.start()
    opened.assign([TopicPartition(f"{settings.topic_prefix}.payments", number) for number in range(3)])
    await opened.getmany(timeout_ms=500)
    yield opened._client
    await stop_consumer(opened, 1)


@asynccontextmanager
async def member(settings: Settings) -> AsyncIterator[AIOKafkaClient]:
    """One of a group."""
    topic = f"{settings.topic_prefix}.payments"
    opened = AIOKafkaConsumer(topic, **connection(settings), group_id=settings.topic_prefix)
    await opened.start()
    await opened.getmany(timeout_ms=500)
    yield opened._client
    await stop_consumer(opened, 1)


@pytest.fixture
async def settings(stack: Stack) -> Settings:
    """Settings of topics of one's own."""
    settings = Settings(kafka=stack.kafka, topic_prefix=f"t{uuid.uuid4().hex[:10]}")
    await create(settings)
    return settings


@pytest.mark.parametrize("open_client", [producer, reader, member])
async def test_a_client_of_a_refusing_kafka_tries_again_at_a_pace(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, open_client: Any
) -> None:
    refusal = Refusal()
    async with open_client(settings) as client:
        monkeypatch.setattr(aiokafka.client, "create_conn", refusal)
        for each in list(client._conns.values()):
            each.close(reason=CloseReason.CONNECTION_BROKEN)
        await asyncio.sleep(SECONDS)
        attempts = refusal.attempts
    assert SECONDS / 2 < attempts < A_SECOND * SECONDS, attempts
