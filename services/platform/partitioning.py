"""To how many partitions of a topic keys are dealt: one number in PostgreSQL, which all writers go by.

Kafka's own number is not enough. Each writer learns of new partitions at a moment of its own, and until the
last one has, two facts with one key go to two partitions. So partitions are added first, and keys are dealt
to them at one moment, when everything before it was read (``growing.py``).

A writer asks after Kafka's acknowledgement whether the number that it went by still holds, and says
*accepted* only then. So whatever was accepted by the old number stood on the log before keys began to move.
"""

from collections.abc import Collection
from typing import NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from services.platform.database import Asked

_DEALING = """
SELECT topic, partitions, coalesce(moving_until > clock_timestamp(), false) AS moving
FROM platform.partitions WHERE topic = ANY($1::text[])
"""


class Dealing(NamedTuple):
    """How keys are dealt now: to so many partitions, None: to all that Kafka has; or not, while they move."""

    partitions: int | None = None
    moving: bool = False


async def dealing_of(database: Asked, topics: Collection[str]) -> dict[str, Dealing]:
    """Return how the keys of topics are dealt. Raises what asyncpg raises where PostgreSQL is away."""
    try:
        rows = await database.fetch(_DEALING, list(topics))
    except asyncpg.UndefinedTableError:
        rows = []  # a database of before
    found = {row["topic"]: Dealing(row["partitions"], row["moving"]) for row in rows}
    return {topic: found.get(topic, Dealing()) for topic in topics}


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key: the one that Kafka's own producers choose."""
    return (int(murmur2(key)) & 0x7FFFFFFF) % partitions


async def knows_partitions(producer: AIOKafkaProducer, topic: str, partitions: int) -> bool:
    """Return whether a producer can write to so many partitions, which it may have to ask Kafka for."""
    if len(await producer.partitions_for(topic)) < partitions:
        await producer.client.force_metadata_update()
    return len(await producer.partitions_for(topic)) >= partitions
