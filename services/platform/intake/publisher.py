"""Publishing with an answer in bounded time: which records Kafka has acknowledged."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.platform.intake.answers import Unavailable
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)


class Publishable(Protocol):
    """A record to publish."""

    @property
    def key(self) -> bytes | None:
        """Its key: equal keys, one partition."""

    @property
    def value(self) -> bytes:
        """Its value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers."""


class Publisher:
    """One idempotent producer, opened when first needed and again after it failed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def publish(self, topic: str, messages: Sequence[Publishable]) -> list[bool]:
        """Publish records in order and return which of them Kafka acknowledged, in bounded time.

        Raises Unavailable where Kafka could not even be asked. A record not acknowledged in time may
        still be written later: whoever sends it again sends the same event id.
        """
        producer = await self._open()
        futures: list[asyncio.Future[object]] = []
        failure: BaseException | None = None
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds):
                for message in messages:
                    futures.append(
                        await producer.send(topic, message.value, message.key, headers=message.headers)
                    )
                await asyncio.wait(futures)
        except (KafkaError, TimeoutError, OSError) as error:
            failure = error
        acknowledged = [
            future.done() and not future.cancelled() and not future.exception() for future in futures
        ]
        for future in futures:
            if future.done() and not future.cancelled():
                failure = failure or future.exception()
            else:
                future.cancel()
        if failure is not None:
            _LOG.warning("Kafka did not acknowledge a batch: %s", type(failure).__name__)
            self._drop(producer)
        return acknowledged + [False] * (len(messages) - len(futures))

    async def close(self) -> None:
        """Let go of the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                try:
                    async with asyncio.timeout(self._settings.ack_timeout_seconds):
                        self._producer = await open_producer(self._settings)
                except (KafkaError, TimeoutError, OSError) as error:
                    raise Unavailable("Kafka does not answer") from error
            return self._producer

    def _drop(self, producer: AIOKafkaProducer) -> None:
        # An idempotent producer would go on retrying for ever what nobody waits for any more.
        if self._producer is producer:
            self._producer = None
            task = asyncio.ensure_future(close_producer(producer, 1))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)


def _acknowledged(future: asyncio.Future[object]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
