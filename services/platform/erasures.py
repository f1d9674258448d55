"""Erasing by two people, and what of it must outlive PostgreSQL: a backup brings salts back.

Of each erased salt the topic ``<prefix>.erased`` has whose it was and its SHA-256, signed as the log is.
Where PostgreSQL is put back, the salts that are known again by it are destroyed a second time.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.platform.authorship import LogKeys, Verdict
from services.platform.database import Asked, Connection
from services.platform.kafka import connection as kafka_connection
from services.platform.openings import Opener
from services.platform.producer import SEND_SECONDS, close_producer, open_producer
from services.platform.running import stop_consumer
from services.platform.settings import Settings
from services.platform.topics import erased_topic

_COLUMNS = "number, subjects, why, proposed_by, proposed_at, confirmed_by, confirmed_at, erased_at"
_CONFIRM = """
UPDATE vault.erasure SET confirmed_by = $2, confirmed_at = now()
WHERE number = $1 AND erased_at IS NULL AND proposed_by <> $2
"""


class ErasureError(Exception):
    """Nothing can be erased so; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Whose values somebody proposed to erase, and who agreed."""

    number: int
    subjects: list[str]
    why: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    erased_at: datetime | None


async def propose(pool: Asked, subjects: Sequence[str], *, why: str, by: str) -> int:
    """Put on record whose values are to be erased, and return the number of that."""
    return int(
        await pool.fetchval(
            "INSERT INTO vault.erasure (subjects, why, proposed_by) VALUES ($1, $2, $3) RETURNING number",
            list(dict.fromkeys(subjects)),
            why,
            by,
        )
    )


async def erasures(pool: Asked) -> list[Erasure]:
    """Return every erasure, also those that nobody has confirmed, the oldest first."""
    return [
        Erasure(**row) for row in await pool.fetch(f"SELECT {_COLUMNS} FROM vault.erasure ORDER BY number")
    ]


async def carry_out(settings: Settings, opener: Opener, number: int, *, by: str) -> list[str]:
    """Agree as a second person, and destroy the salts; return whose there were any of.

    Whoever is interrupted does it again. Raises ErasureError, and what Kafka's client raises: nothing is
    erased that Kafka has not noted.
    """
    answer = await opener.pool.execute(_CONFIRM, number, by)
    if answer.endswith(" 0"):
        raise ErasureError(
            f"nobody but {by} has proposed the erasure {number}, or it is done: two different people are "
            "needed"
        )
    subjects = await opener.pool.fetchval("SELECT subjects FROM vault.erasure WHERE number = $1", number)
    gone = []
    for subject in subjects:
        asked = await opener.keep("erase", subject, "all values")
        fingerprint = await opener.pool.fetchval("SELECT vault.fingerprint_of($1)", asked)
        if fingerprint is None:
            continue
        await _note(settings, subject, fingerprint)
        await opener.pool.fetchval("SELECT vault.erase($1)", asked)
        gone.append(subject)
    await opener.pool.execute("UPDATE vault.erasure SET erased_at = now() WHERE number = $1", number)
    return gone


async def erase_again(settings: Settings, owner: Connection) -> int:
    """Destroy the salts that a backup brought back, and return how many; ``owner`` may delete them."""
    return sum(
        [
            await _erase_again(owner, subject, fingerprint)
            for subject, fingerprint in sorted(await noted(settings))
        ]
    )


async def noted(settings: Settings) -> set[tuple[str, bytes]]:
    """Return whose salts were erased, and the SHA-256 of each. Raises what Kafka's client raises."""
    keys, topic = LogKeys.from_settings(settings), erased_topic(settings.topic_prefix)
    found: set[tuple[str, bytes]] = set()
    consumer = AIOKafkaConsumer(
        **kafka_connection(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        await consumer.seek_to_beginning(partition)
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, ()):
                if keys.verdict(record) is Verdict.GENUINE:
                    found.add((record.key.decode(), record.value))
    finally:
        await stop_consumer(consumer)
    return found


async def _erase_again(owner: Connection, subject: str, fingerprint: bytes) -> int:
    salt = await owner.fetchval("SELECT salt FROM vault.salt WHERE subject = $1", subject)
    if salt is None or sha256(salt).digest() != fingerprint:
        return 0  # made later, for facts that came after the erasure
    await owner.execute("DELETE FROM vault.salt WHERE subject = $1 AND salt = $2", subject, salt)
    return 1


async def _note(settings: Settings, subject: str, fingerprint: bytes) -> None:
    keys, topic = LogKeys.from_settings(settings), erased_topic(settings.topic_prefix)
    key = subject.encode()
    producer = await open_producer(settings)
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await producer.send_and_wait(
                topic, fingerprint, key, partition=0, headers=[keys.mac(topic, key, fingerprint, [])]
            )
    finally:
        await close_producer(producer)
