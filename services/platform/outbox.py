"""The outbox: what a transaction sends is a row of it, published after the commit, in order per subject."""

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import BigInteger, Column, Identity, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from events.codec import encode
from events.envelope import Event
from services.platform import metrics, tracing
from services.platform.authorship import LogKeys
from services.platform.database import KEEPALIVE, Connection, retry_connect
from services.platform.failure import Patience, PipelineStoppedError, is_infrastructure
from services.platform.fault import Fault
from services.platform.monitor import attended
from services.platform.partitioning import Dealing, dealing_of, knows_partitions, partition_of
from services.platform.producer import SEND_SECONDS
from services.platform.running import pause

_LOG = logging.getLogger(__name__)
_BATCH = 1000
_POLL_SECONDS = 0.5
_TAKEOVER_SECONDS = 0.5
_STUCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """A record to publish. Those of one ``subject`` are published in the order in which they were enqueued,

    provided that transactions of one subject exclude one another (they lock it before they enqueue).
    """

    subject: str
    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


def message_of(event: Event, topic: str, subject: str, trace: str | None = None) -> Message:
    """Return the message that publishes an event on a topic. ``trace``: the context that it goes on with."""
    key, value, headers = encode(event)
    if trace is not None:
        headers.append(tracing.header_of(trace))
    return Message(subject, topic, key, value, headers)


def outbox_table(metadata: MetaData) -> Table:
    """Declare the outbox in the schema of its owner."""
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("subject", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("created_at", TIMESTAMP(timezone=True), nullable=False, server_default=text("now()")),
    )


async def enqueue(connection: Connection, messages: Sequence[Message]) -> None:
    """Put messages, in their order, into the outbox of the search path, in the open transaction."""
    if not messages:
        return
    await connection.execute(
        """
        insert into outbox (subject, topic, key, value, headers)
        select subject, topic, key, value, headers::jsonb
        from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[]) with ordinality
            as m (subject, topic, key, value, headers, place)
        order by place
        """,
        [message.subject for message in messages],
        [message.topic for message in messages],
        [message.key for message in messages],
        [message.value for message in messages],
        [
            orjson.dumps([[name, value.decode()] for name, value in message.headers]).decode()
            for message in messages
        ],
    )


async def depth(connection: Connection, schema: str) -> int:
    """Return how many messages wait in the outbox of a schema."""
    return int(await connection.fetchval(f'select count(*) from "{schema}".outbox'))


class Relay:
    """Publishes the outbox of a schema; of several relays one works, and the others wait for its end.

    A message is deleted after Kafka acknowledged it, so it may be published twice and is never lost:
    consumers drop repeats by event id. It is signed when it is sent, whichever version put it there.
    ``retry_seconds``: how long PostgreSQL or Kafka may be away.
    """

    def __init__(
        self,
        database_url: str,
        schema: str,
        producer: AIOKafkaProducer,
        keys: LogKeys,
        fault: Fault | None = None,
        *,
        retry_seconds: float = math.inf,
    ) -> None:
        self._database_url = database_url
        self._schema = schema
        self._producer = producer
        self._keys = keys
        self._fault = fault or Fault()
        self._retry_seconds = retry_seconds
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that a transaction of this process has put messages into the outbox; others are polled for."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until ``stop``.

        Raises InfrastructureLostError when a server stays away, PipelineStoppedError where Kafka refuses what
        is to be published: the producer's sequence has a hole then, so that it is of no more use.
        """
        patience = Patience(self._retry_seconds, f"The relay of {self._schema}")
        with attended(f"relay of {self._schema}", self._ready):
            while not stop.is_set():
                try:
                    await self._work(stop, patience)
                except Exception as error:
                    await patience.wait(error, stop)

    async def _ready(self) -> str | None:
        """Say how long the outbox waits; who waits for another relay to end does no harm."""
        connection = await retry_connect(self._database_url, seconds=0)
        try:
            count, seconds = await connection.fetchrow(
                "select count(*), coalesce(extract(epoch from now() - min(created_at)), 0)::float8 "
                f'from "{self._schema}".outbox'
            )
        finally:
            await _close(connection)
        metrics.OUTBOX_MESSAGES.labels(self._schema).set(count)
        metrics.OUTBOX_AGE.labels(self._schema).set(seconds)
        return f"has a message that waits for {seconds:.0f} s" if seconds > _STUCK_SECONDS else None

    async def _work(self, stop: asyncio.Event, patience: Patience) -> None:
        connection = await retry_connect(self._database_url, seconds=0)
        try:
            await connection.execute(
                "; ".join(f"set {name} = '{value}'" for name, value in KEEPALIVE.items())
            )
            lock = f"outbox of {self._schema}"
            # Polled for: a waiting statement would hold back PostgreSQL's clean-up for as long as it waits.
            while not await connection.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", lock):
                patience.reset()
                await pause(_TAKEOVER_SECONDS, stop)
                if stop.is_set():
                    return
            while not stop.is_set():
                self._woken.clear()
                taken = await self._publish_batch(connection)
                patience.reset()
                if taken == 0:
                    await pause(_POLL_SECONDS, stop, self._woken)
        finally:
            await _close(connection)

    async def _publish_batch(self, connection: Connection) -> int:
        # Ids are given at the insert and seen after the commit, so a slow transaction is overtaken by others;
        # by none of the same subject, which had to wait for its lock before they were given ids.
        rows = await connection.fetch(
            f"""
            select id, subject, topic, key, value, headers from "{self._schema}".outbox
            order by id limit {_BATCH}
            """
        )
        if not rows:
            return 0
        # A subject's next message is sent when the one before is acknowledged: a batch that fails in between
        # would otherwise let the later one through alone.
        waves: list[list[Any]] = []
        seen: dict[str, int] = {}
        for row in rows:
            number = seen.get(row["subject"], 0)
            seen[row["subject"]] = number + 1
            if number == len(waves):
                waves.append([])
            waves[number].append(row)
        topics = {row["topic"] for row in rows}
        dealings = await dealing_of(connection, topics)
        for topic, dealing in dealings.items():
            if dealing.moving or not await self._knows(topic, dealing):
                return 0
        for wave in waves:
            # Without the connection there is no lock, and another relay may be at work.
            if connection.is_closed():
                raise ConnectionResetError("the relay's connection is closed")
            await self._publish(wave, dealings)
        if await dealing_of(connection, topics) != dealings:
            # Their keys began to move meanwhile: published again, in their order, where they belong now.
            return 0
        self._fault.here("relay.published")
        await connection.execute(
            f'delete from "{self._schema}".outbox where id = any($1::bigint[])', [row["id"] for row in rows]
        )
        return len(rows)

    async def _knows(self, topic: str, dealing: Dealing) -> bool:
        return dealing.partitions is None or await knows_partitions(self._producer, topic, dealing.partitions)

    async def _publish(self, rows: Sequence[Any], dealings: Mapping[str, Dealing]) -> None:
        # After a time-out aiokafka still holds the records and will send them first: repeated, in order.
        with tracing.span(
            f"publish {rows[0]['topic']}",
            "producer",
            of=(held for row in rows for name, held in row["headers"] if name == tracing.HEADER),
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.destination.name": rows[0]["topic"],
                "messaging.batch.message_count": len(rows),
            },
        ):
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    sent = [await self._send(row, dealings[row["topic"]].partitions) for row in rows]
                    await asyncio.gather(*sent)
            except KafkaError as error:
                if is_infrastructure(error):
                    raise
                raise PipelineStoppedError(
                    f"Mend what Kafka refuses: it does not take what the outbox of {self._schema} has for "
                    f"{', '.join(sorted(dealings))} ({type(error).__name__}). `dibao topics apply` mends "
                    "topics and permissions. What waits stays in the outbox, in its order."
                ) from error
        metrics.PUBLISHED.labels(self._schema).inc(len(rows))

    async def _send(self, row: Any, partitions: int | None) -> asyncio.Future[Any]:
        topic, key, value = row["topic"], row["key"], row["value"]
        headers = [(name, held.encode()) for name, held in row["headers"]]
        headers.append(self._keys.mac(topic, key, value, headers))
        sent: asyncio.Future[Any] = await self._producer.send(
            topic,
            value,
            key=key,
            headers=headers,
            partition=None if partitions is None else partition_of(key, partitions),
        )
        return sent


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=2)
    except Exception as error:
        _LOG.debug("The relay's connection: %s", type(error).__name__)
        connection.terminate()
