"""Reading back what stands on the log at known places: to say of what is new how it differs from it."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from events.values import local_date
from services.intake.answers import Unavailable
from services.intake.publisher import Place
from services.intake.sentences import say
from services.platform.authorship import UnknownLogKeyError
from services.platform.kafka import connection
from services.platform.provenance import Provenance
from services.platform.running import stop_consumer
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_SECONDS = 5.0
_NEAR = 2_000
"""Records between two that are wanted which are read rather than passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fact that the log has: whose it is, the receipt that it came with, when, and its protected data."""

    source: str
    serial: str
    type: str
    time: datetime
    receipt: str | None
    day: date
    data: dict[str, Any]


class Recall:
    """Reads single records of the log's topics, over one connection that is opened when first needed.

    What none of dibao's processes wrote is not there. Raises KeyFileError without a log key.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._provenance = Provenance(settings)
        self._consumer: AIOKafkaConsumer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def facts(self, topic: str, places: Iterable[Place], *, needed: bool = False) -> dict[Place, Known]:
        """Return the facts at places of a topic: those that could be read within a few seconds.

        Where all are ``needed``, raises Unavailable if Kafka does not answer.
        """
        records = await self.records(topic, places, needed=needed)
        known = {place: _known(record) for place, record in records.items()}
        return {place: fact for place, fact in known.items() if fact is not None}

    async def records(
        self, topic: str, places: Iterable[Place], *, needed: bool = False
    ) -> dict[Place, ConsumerRecord]:
        """Return the records at places of a topic, under the same conditions.

        Unavailable is raised as well where one that is ``needed`` is signed with a key that is not here.
        """
        return await self.genuine(topic, await self.raw(topic, places, needed=needed), needed=needed)

    async def genuine(
        self, topic: str, found: Mapping[Place, ConsumerRecord], *, needed: bool = False
    ) -> dict[Place, ConsumerRecord]:
        """Return those of some records of a topic that dibao's own processes wrote; the others are reported.

        None of them where that cannot be told now; where they are ``needed``, raises Unavailable.
        """
        try:
            return await self._genuine(topic, found)
        except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, UnknownLogKeyError) as error:
            missing = isinstance(error, UnknownLogKeyError)
            _LOG.warning("facts could not be checked: %s", error if missing else type(error).__name__)
            if needed:
                raise Unavailable(say("log-key-missing" if missing else "postgresql-away")) from error
            return {}

    async def raw(
        self, topic: str, places: Iterable[Place], *, needed: bool = False
    ) -> dict[Place, ConsumerRecord]:
        """Return the records at places of a topic, whoever wrote them, under the same conditions."""
        wanted = sorted({place for place in places if place.offset >= 0})
        found: dict[Place, ConsumerRecord] = {}
        if not wanted:
            return found
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(_SECONDS):
                    await self._read(topic, wanted, found)
            except (KafkaError, OSError, TimeoutError) as error:
                _LOG.warning("%d facts could not be looked up: %s", len(wanted), type(error).__name__)
                await self._drop()
                if needed:
                    raise Unavailable(say("kafka-away")) from error
        return found

    async def close(self) -> None:
        """Close the connection."""
        async with self._one_at_a_time:
            await self._drop()
        await self._provenance.aclose()

    async def _genuine(
        self, topic: str, found: Mapping[Place, ConsumerRecord]
    ) -> dict[Place, ConsumerRecord]:
        by_partition: dict[tuple[str, int], list[ConsumerRecord]] = {}
        for place, record in found.items():
            by_partition.setdefault((topic, place.partition), []).append(record)
        await self._provenance.look_up(by_partition)
        genuine = {place: record for place, record in found.items() if self._provenance.genuine(record)}
        await self._provenance.report([record for place, record in found.items() if place not in genuine])
        return genuine

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_consumer(consumer, 2)

    async def _read(self, topic: str, wanted: list[Place], found: dict[Place, ConsumerRecord]) -> None:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                **connection(self._settings),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                fetch_max_wait_ms=50,
                max_partition_fetch_bytes=1024 * 1024,
            )
            self._consumer = consumer
            await consumer.start()
        by_partition: dict[int, list[int]] = {}
        for place in wanted:
            by_partition.setdefault(place.partition, []).append(place.offset)
        for number, offsets in by_partition.items():
            partition = TopicPartition(topic, number)
            begin = (await self._consumer.beginning_offsets([partition]))[partition]
            end = (await self._consumer.end_offsets([partition]))[partition]
            left = [offset for offset in offsets if begin <= offset < end]
            if not left:
                continue
            # Nothing is awaited between the two: a partition without a place to begin at is an error.
            self._consumer.assign([partition])
            self._consumer.seek(partition, position := left[0])
            while left:
                if not position <= left[0] <= position + _NEAR:
                    self._consumer.seek(partition, position := left[0])
                for record in (await self._consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                    position = record.offset + 1
                    if left and record.offset == left[0]:
                        left.pop(0)
                        found[Place(number, record.offset)] = record
                while left and left[0] < position:
                    left.pop(0)  # not a record: the log was made anew, or a transaction ended there


def _known(record: ConsumerRecord) -> Known | None:
    headers = dict(record.headers)
    try:
        receipt = headers.get("ce_correlationid")
        return Known(
            source=headers["ce_source"].decode(),
            serial=headers["ce_serial"].decode(),
            type=headers["ce_type"].decode(),
            time=datetime.fromisoformat(headers["ce_time"].decode()),
            receipt=receipt.decode() if receipt is not None else None,
            day=local_date(datetime.fromtimestamp(record.timestamp / 1000, UTC)),
            data=orjson.loads(record.value),
        )
    except (KeyError, ValueError):
        return None
