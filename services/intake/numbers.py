"""Business numbers that only one fact of a deployment may state: which of them a fact states."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from asyncpg.pgproto import pgproto

from events.event_type import EventType
from services.intake.publisher import Place
from services.platform.protection import ReadableFact

_STATING = """
SELECT
  s.number, s.event_id,
  exists(
    SELECT FROM intake.undone AS u
    WHERE u.event_id = s.event_id AND u.digest IN ('', s.digest) AND (u.topic = s.topic OR u.topic IS NULL)
  ) AS undone,
  s.partition, s."offset"
FROM intake.seen AS s
WHERE s.number = ANY($1::uuid[]) AND ($2::int IS NULL OR s.topic = $2 OR s.topic IS NULL)
"""


class Stating(NamedTuple):
    """A version of a fact that states a number: whether it is undone, where it stands, if that was noted."""

    number: UUID
    event_id: UUID
    undone: bool
    place: Place | None


async def stating(pool: asyncpg.Pool, numbers: Sequence[UUID], topic: int | None = None) -> list[Stating]:
    """Return the facts that state numbers, of each its every content; on one topic where that is given."""
    return [
        Stating(number, event_id, undone, Place(partition, offset) if offset is not None else None)
        for number, event_id, undone, partition, offset in await pool.fetch(_STATING, numbers, topic)
    ]


def number_of(fact: ReadableFact) -> UUID | None:
    """Return the identity of the number that no other fact of this type may have; ``None`` without one."""
    unique = fact.entry.unique
    if not unique:
        return None
    return _identity(fact.entry, [getattr(fact.data, name) for name in unique])


def number_of_values(entry: EventType, data: Mapping[str, Any]) -> UUID | None:
    """Return the same of data that is no fact yet; ``None`` where it lacks a part of the number."""
    return _identity(entry, [data.get(name) for name in entry.unique]) if entry.unique else None


def _identity(entry: EventType, values: Sequence[str | None]) -> UUID | None:
    if None in values:
        return None
    text = "\n".join((entry.name, *values))  # type: ignore[arg-type]
    # The driver's own kind, which is made and sent ten times as fast.
    number: UUID = pgproto.UUID(blake2b(text.encode(), digest_size=16).digest())
    return number
