"""Dead letters: what came on an intake topic and is no fact, sealed, with a reason that names nobody."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from events.catalogue import dead_letter_topic
from events.values import local_date
from services.platform.batches import Unreadable
from services.platform.kafka import connection
from services.platform.openings import Opener
from services.platform.producer import close_producer, open_producer
from services.platform.running import stop_consumer
from services.platform.settings import Settings
from services.platform.topics import MAX_LETTER_BYTES
from services.platform.vault import SealBrokenError, Sealer, SubjectSealer, Vault

Headers = Sequence[tuple[str, bytes]]

_FIRST_BYTES = 64 * 1024
"""So much is kept of a value that is too long for a dead letter."""
_FIRST_HEADERS = 20
_PLACE = frozenset({"topic", "partition", "offset", "error", "reason"})
_SUBJECT = "sealed-under"
_LOST = "nothing of it could be read"


class NoSuchLetterError(Exception):
    """There is no dead letter at that offset, or none with a content."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as it may be listed: where it came from and why, without its content.

    ``offset`` is its number in ``dibao.dlq``; ``redriven_at`` says when it was last sent again.
    """

    offset: int
    at: datetime
    topic: str
    partition: int
    source_offset: int
    error: str
    reason: str
    redriven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The record as it came: for whoever may see personal data."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    cut: str | None = None
    """Says of a record that was too long for its letter how long it was, and its digest."""


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """A dead letter on its way to ``dibao.dlq``."""

    value: bytes
    headers: Headers
    key: None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """What dead letters of one day are sealed with: its key goes with the day's salt in the vault."""

    subject: str
    sealer: Sealer


async def seal_of_today(vault: Vault) -> Seal:
    """Return the seal of today's dead letters: the last one, where the day has several."""
    day = f"dead-letters:{local_date(datetime.now(UTC))}"
    subject = await vault.last_of(day)
    return Seal(subject, (await vault.sealers([subject]))[subject])


def seal_letter(seal: Seal, record: ConsumerRecord, error: str, reason: str) -> SealedLetter:
    """Return the dead letter of a record; ``error`` is a class of errors, ``reason`` names nobody.

    Of a record that is too long for a letter it has the beginning, the size and the SHA-256 digest of the
    value: the record itself is lost when the topic lets go of it.
    """
    headers = _place_headers(seal, record.topic, record.partition, record.offset, error, reason)
    value = record.value or b""
    original: dict[str, Any] = {
        "key": _text(record.key),
        "value": _text(record.value),
        "headers": [[name, _text(held)] for name, held in record.headers],
    }
    sealed = seal.sealer.seal(orjson.dumps(original), _place(headers))
    if len(sealed) > MAX_LETTER_BYTES:
        cut = {
            "key": _text((record.key or b"")[:_FIRST_BYTES]),
            "value": _text(value[:_FIRST_BYTES]),
            "headers": original["headers"][:_FIRST_HEADERS],
            "bytes": len(value),
            "sha256": sha256(value).hexdigest(),
        }
        sealed = seal.sealer.seal(orjson.dumps(cut), _place(headers))
    return SealedLetter(sealed.encode(), headers)


def seal_place(seal: Seal, records: Unreadable, error: str, reason: str) -> SealedLetter:
    """Return the dead letter of records that nobody can read: it says where they are."""
    place = _place_headers(seal, records.place.topic, records.place.partition, records.offset, error, reason)
    place.append(("last", str(records.last).encode()))
    return _without_content(seal, place, _LOST)


def _without_content(seal: Seal, headers: Headers, why: str) -> SealedLetter:
    sealed = seal.sealer.seal(orjson.dumps({"absent": why}), _place(headers))
    return SealedLetter(sealed.encode(), headers)


def _place_headers(
    seal: Seal, topic: str, partition: int, offset: int, error: str, reason: str
) -> list[tuple[str, bytes]]:
    return [
        ("topic", topic.encode()),
        ("partition", str(partition).encode()),
        ("offset", str(offset).encode()),
        ("error", error.encode()),
        ("reason", reason.encode()),
        (_SUBJECT, seal.subject.encode()),
    ]


async def list_letters(
    settings: Settings, pool: asyncpg.Pool, *, after: int = -1, limit: int | None = None
) -> list[DeadLetter]:
    """Return dead letters, oldest first: those with a number above ``after``, at most ``limit`` of them."""
    found: list[ConsumerRecord] = []
    async with aclosing(_letters(settings, after + 1)) as records:
        async for record in records:
            if len(found) == limit:
                break
            if {name for name, _ in record.headers} >= _PLACE:  # others are somebody else's
                found.append(record)
    redriven = {
        row["offset"]: row["redriven_at"]
        for row in await pool.fetch(
            'SELECT "offset", redriven_at FROM intake.redrive WHERE topic = $1 AND "offset" = ANY($2)',
            dead_letter_topic(settings.topic_prefix),
            [record.offset for record in found],
        )
    }
    return [_letter(record, redriven.get(record.offset)) for record in found]


async def show_letter(settings: Settings, opener: Opener, offset: int) -> Original:
    """Return the original record of a dead letter. Raises NoSuchLetterError, also where it was erased."""
    return await _open(opener, await _letter_at(settings, offset))


async def redrive(settings: Settings, opener: Opener, offset: int) -> DeadLetter:
    """Send the original of a dead letter to its intake topic again, and note that it was.

    It is judged anew: what is still no fact becomes another dead letter. Sending twice does no harm.
    """
    record = await _letter_at(settings, offset)
    letter, original = _letter(record, None), await _open(opener, record)
    if original.cut is not None:
        raise NoSuchLetterError(
            f"dead letter {offset} has only the beginning of its record ({original.cut}): it cannot go again"
        )
    async with _producer(settings) as producer:
        await producer.send_and_wait(letter.topic, original.value, original.key, headers=original.headers)
    at = await opener.pool.fetchval(
        'INSERT INTO intake.redrive (topic, partition, "offset") VALUES ($1, 0, $2)'
        ' ON CONFLICT (topic, partition, "offset") DO UPDATE SET redriven_at = now() RETURNING redriven_at',
        dead_letter_topic(settings.topic_prefix),
        offset,
    )
    return _letter(record, at)


async def _letter_at(settings: Settings, offset: int) -> ConsumerRecord:
    async for record in _letters(settings, offset):
        if record.offset == offset:
            return record
        break
    raise NoSuchLetterError(f"there is no dead letter {offset}")


async def _letters(settings: Settings, start: int) -> AsyncGenerator[ConsumerRecord, None]:
    consumer = AIOKafkaConsumer(
        **connection(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        partition = TopicPartition(dead_letter_topic(settings.topic_prefix), 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        begin = (await consumer.beginning_offsets([partition]))[partition]
        if not max(start, begin) < end:
            return
        consumer.seek(partition, max(start, begin))
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                yield record
    finally:
        await stop_consumer(consumer)


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = await open_producer(settings)
    try:
        async with asyncio.timeout(settings.ack_timeout_seconds):
            yield producer
    finally:
        await close_producer(producer)


def _letter(record: ConsumerRecord, redriven_at: datetime | None) -> DeadLetter:
    headers: dict[str, Any] = {name: value.decode() for name, value in record.headers}
    return DeadLetter(
        record.offset,
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        headers["topic"],
        int(headers["partition"]),
        int(headers["offset"]),
        headers["error"],
        headers["reason"],
        redriven_at,
    )


async def _open(opener: Opener, record: ConsumerRecord) -> Original:
    subject, what = dict(record.headers).get(_SUBJECT), f"dead letter {record.offset}"
    try:
        sealer: Sealer | SubjectSealer
        if subject is not None:
            sealer = await opener.sealer(subject.decode(), what)
        else:  # of before the letters of each day had a key of their own
            await opener.keep("open", "dead-letters", what)
            sealer = Sealer(opener.keys.dead_letters)
        content = orjson.loads(sealer.open(record.value.decode(), _place(record.headers)))
    except SealBrokenError as error:
        raise NoSuchLetterError(f"dead letter {record.offset} cannot be opened any more: {error}") from None
    if "absent" in content:
        raise NoSuchLetterError(f"dead letter {record.offset} has no content: {content['absent']}")
    return Original(
        _bytes(content["key"]),
        _bytes(content["value"]),
        [(name, _bytes(value)) for name, value in content["headers"]],
        f"{content['bytes']} bytes, SHA-256 {content['sha256']}" if "sha256" in content else None,
    )


def _place(headers: Headers) -> bytes:
    place = dict(headers)
    return b"\n".join(place[name] for name in ("topic", "partition", "offset"))


def _text(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else b64decode(value)
