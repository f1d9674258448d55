"""Publishing with an answer in bounded time: which records Kafka has acknowledged, and where they stand."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from services.intake.answers import Unavailable
from services.intake.sentences import say
from services.platform.database import Asked
from services.platform.failure import is_infrastructure
from services.platform.partitioning import Dealing, dealing_of, knows_partitions, partition_of
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Place(NamedTuple):
    """Where in its topic a record stands. ``offset`` is -1 where Kafka had it already and did not say."""

    partition: int
    offset: int


class TooLarge:
    """A record that Kafka never takes, however often it is sent."""


TOO_LARGE = TooLarge()

Acknowledged = Place | TooLarge | None
"""Where a record stands; ``None`` where Kafka did not say."""


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
    """One idempotent producer, opened when first needed and again after it failed.

    ``database`` says to how many partitions keys are dealt.
    """

    def __init__(self, settings: Settings, database: Asked) -> None:
        self._settings = settings
        self._database = database
        self._dealings: dict[str, Dealing] = {}
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def publish(self, topic: str, messages: Sequence[Publishable]) -> list[Acknowledged]:
        """Publish records in order and return where those stand that Kafka acknowledged, in bounded time.

        A record that is larger than its topic takes is told from one that was not acknowledged.

        Raises Unavailable where Kafka could not even be asked, or keys are on their way to other partitions.
        A record not acknowledged in time may still be written later: whoever sends it again sends the same
        event id.
        """
        producer = await self._open()
        acknowledged: list[Acknowledged] = [None] * len(messages)
        failure: BaseException | None = None
        count = 0
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds):
                count = await self._partitions(producer, topic)
                sent = await asyncio.gather(
                    *(
                        _send(producer, topic, partition, messages, places, acknowledged)
                        for partition, places in _by_partition(messages, count).items()
                    ),
                    return_exceptions=True,
                )
            failure = next((error for error in sent if error is not None), None)
        except (KafkaError, TimeoutError, OSError) as error:
            failure = error
        if failure is not None:
            if not isinstance(failure, (KafkaError, TimeoutError, OSError, asyncio.CancelledError)):
                raise failure
            _LOG.warning("Kafka did not acknowledge a batch: %s", type(failure).__name__)
            self._drop(producer)
        # A copy: what is acknowledged later must not change what has been answered.
        answer = list(acknowledged)
        if any(isinstance(place, Place) for place in answer) and not await self._holds(topic, count):
            _LOG.warning("keys of %s went to other partitions meanwhile: a batch is not taken", topic)
            return [None if isinstance(place, Place) else place for place in answer]
        return answer

    async def close(self) -> None:
        """Let go of the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await close_producer(producer)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _partitions(self, producer: AIOKafkaProducer, topic: str) -> int:
        """Return to how many partitions keys are dealt. Raises Unavailable while they move."""
        dealing = self._dealings.get(topic)
        if dealing is None or dealing.moving:
            dealing = await self._dealing(topic)
        if dealing.moving:
            raise Unavailable(say("log-moves"))
        if dealing.partitions is None:
            return len(await producer.partitions_for(topic))
        if not await knows_partitions(producer, topic, dealing.partitions):
            _LOG.error("%s has fewer partitions than its keys are dealt to: `dibao topics grow`", topic)
            raise Unavailable(say("log-moves"))
        return dealing.partitions

    async def _holds(self, topic: str, count: int) -> bool:
        """Return whether keys are still dealt to so many partitions: asked when Kafka has the records."""
        dealing = await self._dealing(topic)
        return not dealing.moving and dealing.partitions in (None, count)

    async def _dealing(self, topic: str) -> Dealing:
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds):
                found = await dealing_of(self._database, [topic])
        except Exception as error:
            if not is_infrastructure(error):
                raise
            raise Unavailable(say("postgresql-away")) from error
        self._dealings[topic] = found[topic]
        return found[topic]

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                try:
                    async with asyncio.timeout(self._settings.ack_timeout_seconds):
                        self._producer = await open_producer(self._settings)
                except (KafkaError, TimeoutError, OSError) as error:
                    raise Unavailable(say("kafka-away")) from error
            return self._producer

    def _drop(self, producer: AIOKafkaProducer) -> None:
        # An idempotent producer would go on retrying for ever what nobody waits for any more.
        if self._producer is producer:
            self._producer = None
            task = asyncio.ensure_future(close_producer(producer, 1))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)


def _by_partition(messages: Sequence[Publishable], count: int) -> dict[int, list[int]]:
    # Where Kafka's own producers put a key; records without a key go to the first partition.
    found: dict[int, list[int]] = {}
    for place, message in enumerate(messages):
        partition = 0 if message.key is None else _partition_of(message.key, count)
        found.setdefault(partition, []).append(place)
    return found


_partition_of = lru_cache(100_000)(partition_of)


async def _send(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    messages: Sequence[Publishable],
    places: Sequence[int],
    acknowledged: list[Acknowledged],
) -> None:
    """Send the messages at some places to a partition, in order, and note which are acknowledged.

    In batches that are filled here: records that are sent one by one cost a future and two coroutines each.
    """
    sent: list[asyncio.Future[Any]] = []
    for batch, held in _batches(producer, messages, places):
        future = await producer.send_batch(batch, topic, partition=partition)
        future.add_done_callback(partial(_note, partition, held, acknowledged))
        sent.append(future)
    await asyncio.wait(sent)
    for future in sent:
        future.result()


def _batches(
    producer: AIOKafkaProducer, messages: Sequence[Publishable], places: Sequence[int]
) -> Iterator[tuple[BatchBuilder, Sequence[int]]]:
    batch, begun = producer.create_batch(), 0
    for at, place in enumerate(places):
        message = messages[place]
        record = {"key": message.key, "value": message.value, "headers": message.headers}
        if batch.append(timestamp=None, **record) is None:
            yield batch, places[begun:at]
            # The first record of a batch is taken whatever its size.
            batch, begun = producer.create_batch(), at
            batch.append(timestamp=None, **record)
    batch.close()
    yield batch, places[begun:]


def _note(
    partition: int, held: Sequence[int], acknowledged: list[Acknowledged], future: asyncio.Future[Any]
) -> None:
    if future.cancelled():
        return
    if isinstance(future.exception(), _TOO_LARGE) and len(held) == 1:
        acknowledged[held[0]] = TOO_LARGE
    elif future.exception() is None:
        first = future.result().offset
        for after, place in enumerate(held):
            acknowledged[place] = Place(partition, first + after if first >= 0 else -1)
