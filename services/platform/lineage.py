"""Which log this is: the ids of topics and who has led them, and what stands at single places.

A log can be made anew under its name, or lose its end (one node, and the power fails) and grow again past
what was known of it. Offsets say nothing of either: who remembers a place remembers which event stands there.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    KafkaError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    OffsetOutOfRangeError,
    RequestTimedOutError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from services.platform.batches import Unreadable, end_of, fetch_batches
from services.platform.kafka import connection
from services.platform.offsets import Place
from services.platform.running import to_its_end, within
from services.platform.settings import Settings

T = TypeVar("T")

_SECONDS = 5.0
_ONE_BATCH = 1
"""Bytes to fetch: Kafka gives the whole batch in which an offset lies, however large it is."""


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]
    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes


class _MetadataResponse(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequest(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("topic_id", _Uuid),
                ("name", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _Metadata(Request[_MetadataRequest]):  # type: ignore[misc]
    """Asks for topics with their ids (KIP-516), which aiokafka's own request does not know."""

    API_KEY = 3

    def __init__(self, names: Iterable[str]) -> None:
        self._topics: list[Any] = [(UUID(int=0), name, {}) for name in names]

    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        return request_struct_class(self._topics, False, False, {})


@dataclass(frozen=True, slots=True)
class Lineage:
    """What says that a topic's log is still the one of before: while it is equal, nothing was lost.

    ``topic_id`` is another where the topic was made anew; ``epochs`` counts the leaders of each partition;
    ``session`` is the connection over which Kafka was asked: a broker that died and came back has closed it.
    """

    topic_id: UUID
    epochs: tuple[tuple[int, int], ...]
    session: AIOKafkaConnection


class LogWatch:
    """Asks Kafka about its log over a connection of its own, which is opened when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: AIOKafkaClient | None = None
        self._node = -1
        self._opening = asyncio.Lock()

    async def lineages(self, topics: Collection[str]) -> dict[str, Lineage]:
        """Return the lineage of topics; those that are not there are left out.

        Raises KafkaError, OSError or TimeoutError where Kafka does not answer within seconds.
        """
        session, found = await self._asked(_SECONDS, self._metadata(topics))
        return {name: Lineage(topic.topic_id, topic.epochs, session) for name, topic in found.items()}

    async def records(self, places: Mapping[Place, int]) -> dict[Place, ConsumerRecord]:
        """Return the record at an offset of each partition, whoever wrote it; left out where none stands.

        Raises KafkaError, OSError or TimeoutError where Kafka does not answer.
        """
        if not places:
            return {}
        seconds = _SECONDS + len(places) / 10
        return await self._asked(seconds, self._records(places))

    async def event_ids(self, places: Mapping[Place, int]) -> dict[Place, UUID | None]:
        """Return which event the record at an offset of each partition states; None where none stands there.

        Whoever wrote it: what is remembered of a place that was read may be of a record that was refused.
        Raises KafkaError, OSError or TimeoutError where Kafka does not answer.
        """
        found = await self.records(places)
        return {place: event_id_at(found[place]) if place in found else None for place in places}

    async def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _asked(self, seconds: float, asking: Coroutine[Any, Any, T]) -> T:
        try:
            # A client that is cancelled while it connects leaks the connection.
            return await to_its_end(within(seconds, asking))
        except (TimeoutError, RequestTimedOutError):
            # A broker that was cut off is silent on a connection that looks open: another one is asked next.
            await self.close()
            raise

    async def _records(self, places: Mapping[Place, int]) -> dict[Place, ConsumerRecord]:
        client, _ = await self._ready()
        _, topics = await self._metadata({topic for topic, _ in places})
        leaders = {
            (name, number): leader for name, topic in topics.items() for number, leader in topic.leaders
        }
        found = await asyncio.gather(
            *(
                _record(client, leaders.get(place), TopicPartition(*place), offset)
                for place, offset in places.items()
            )
        )
        return {place: record for place, record in zip(places, found, strict=True) if record is not None}

    async def _metadata(self, topics: Collection[str]) -> tuple[AIOKafkaConnection, dict[str, "_Topic"]]:
        client, node = await self._ready()
        answer = await client.send(node, _Metadata(topics))
        session = client._conns.get((node, ConnectionGroup.DEFAULT))
        if session is None:
            raise NodeNotReadyError("the connection ended with the answer")
        found: dict[str, _Topic] = {}
        for code, name, topic_id, _, partitions, *_ in answer.topics:
            if code == UnknownTopicOrPartitionError.errno:
                continue
            error: type[KafkaError] = for_code(code)
            if code:
                raise error(name)
            found[name] = _Topic(
                topic_id,
                tuple(sorted((number, epoch) for _, number, _, epoch, *_ in partitions)),
                tuple((number, leader) for _, number, leader, *_ in partitions),
            )
        return session, found

    async def _ready(self) -> tuple[AIOKafkaClient, int]:
        async with self._opening:
            if self._client is None:
                self._client = await _bootstrapped(self._settings)
            client: AIOKafkaClient = self._client
            # Always the same node, as long as there is one: another is another connection.
            nodes = {broker.nodeId for broker in client.cluster.brokers()}
            if self._node not in nodes:
                self._node = min(nodes)
            return client, self._node


class _Topic(NamedTuple):
    topic_id: UUID
    epochs: tuple[tuple[int, int], ...]
    leaders: tuple[tuple[int, int], ...]


async def _bootstrapped(settings: Settings) -> AIOKafkaClient:
    client = AIOKafkaClient(
        **connection(settings),
        request_timeout_ms=int(_SECONDS * 1000),
        # Nobody asks for long where nothing happens: the connection stays, and a new one says something.
        connections_max_idle_ms=None,
    )
    try:
        await client.bootstrap()
        if not client.cluster.brokers():
            # Of a broker that is just starting, or that has not let us in.
            raise NodeNotReadyError("Kafka told of no broker")
    except BaseException:
        await client.close()
        raise
    return client


async def _record(
    client: AIOKafkaClient, leader: int | None, partition: TopicPartition, offset: int
) -> ConsumerRecord | None:
    if leader is None:
        return None
    if leader < 0:
        raise LeaderNotAvailableError(partition)
    try:
        records, _ = await fetch_batches(client, leader, partition, offset, _ONE_BATCH)
    except OffsetOutOfRangeError:
        return None
    for record in records:
        if not isinstance(record, Unreadable) and record.offset == offset:
            return record
    if not records and await end_of(client, leader, partition) > offset:
        # A leader that was just elected shows nothing before it has heard how far the other copies are.
        raise LeaderNotAvailableError(partition)
    return None


def event_id_at(record: ConsumerRecord) -> UUID | None:
    """Return the id of the event that a record of the log states, or None where it states none."""
    held = dict(record.headers).get("ce_id") or b""
    try:
        return UUID(held.decode("ascii"))
    except ValueError:
        return None
