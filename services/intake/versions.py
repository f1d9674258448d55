"""The versions of facts that intake remembers, the voids of them, and so whether a fact counts.

The ledgers go by the same (``projections/fact.sql``): a version counts where it is the only one that no void
undoes, and a void is in force where its own id has one version only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from services.intake.publisher import Place

ALL = ""
"""In place of a digest: the void undoes every version."""

_REMEMBERED = """
SELECT event_id, digest, topic, partition, "offset", false AS undone
FROM intake.seen
WHERE event_id = ANY($1::uuid[])
  AND (topic IS NULL OR topic = $2::int OR topic NOT IN (SELECT number FROM intake.topic WHERE gone))
UNION ALL
SELECT event_id, digest, topic, NULL, NULL, true
FROM intake.undone
WHERE event_id = ANY($1::uuid[])
  AND (topic IS NULL OR topic = $2::int OR topic NOT IN (SELECT number FROM intake.topic WHERE gone))
"""


async def remembered(pool: asyncpg.Pool, event_ids: Collection[UUID], topic: int | None = None) -> list[Any]:
    """Return what is remembered of events, but for what stood on topics that are gone.

    Rows of event id, digest, topic, partition, offset, undone: a version and where it stands;
    or, where ``undone``, which version a void undoes.
    """
    found: list[Any] = await pool.fetch(_REMEMBERED, event_ids, topic)
    return found


@dataclass(slots=True)
class History:
    """The versions of one event by their digests, and which of them voids undo."""

    places: dict[str, Place | None] = field(default_factory=dict)
    voids: set[str] = field(default_factory=set)

    @property
    def standing(self) -> list[str]:
        """The versions that no void undoes: where it is one, the fact counts."""
        return standing(self.places, self.voids)


def standing(digests: Iterable[str], voids: Collection[str]) -> list[str]:
    """Return which versions no void undoes."""
    return [] if ALL in voids else [digest for digest in digests if digest not in voids]


async def histories_of(
    pool: asyncpg.Pool, event_ids: Collection[UUID], topic: int | None = None
) -> dict[UUID, History]:
    """Return the versions of those events that intake remembers, on one topic where that is given."""
    found: dict[UUID, History] = {}
    undone: list[tuple[UUID, str]] = []
    for event_id, digest, _, partition, offset, void in await remembered(pool, event_ids, topic):
        if void:
            undone.append((event_id, digest.hex()))
        else:
            place = Place(partition, offset) if offset is not None else None
            found.setdefault(event_id, History()).places[digest.hex()] = place
    for event_id, digest in undone:
        if event_id in found:
            found[event_id].voids.add(digest)
    return found
