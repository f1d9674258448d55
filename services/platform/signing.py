"""From where on the log must be signed: noted when topics are made, or found to be older than signing."""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from events.catalogue import CONTEXTS
from services.platform.database import connected
from services.platform.failure import PipelineStoppedError
from services.platform.lineage import LogWatch
from services.platform.log import log_bounds, topics_of
from services.platform.offsets import Place
from services.platform.provenance import signed_from
from services.platform.settings import Settings

_NOTE = """
INSERT INTO platform.signed (topic, topic_id, partition, from_offset) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""


async def note_signed(
    settings: Settings,
    made: Collection[str] = (),
    *,
    older: bool = False,
    contexts: Sequence[str] = CONTEXTS,
) -> None:
    """Note from where on the log's topics must be signed.

    Topics just ``made`` must be from their first record on; ``older`` ones, where that is asked for, from
    their end: whoever asks knows that no process of a version that signs nothing writes any more. Raises
    PipelineStoppedError where the database is of an earlier version.
    """
    bounds, ids, known = await _state(settings, contexts)
    begun = {topic for topic, _ in known}
    empty = not any(end for _, end in bounds.values())
    notes = []
    for (topic, partition), (_, end) in sorted(bounds.items()):
        if (topic, partition) in known:
            continue
        # A partition that was added is younger than signing; an empty log may have been made by a command
        # that died before it came here.
        if topic in made or topic in begun or empty:
            notes.append((topic, ids[topic], partition, 0))
        elif older:
            notes.append((topic, ids[topic], partition, end))
    if notes:
        try:
            async with connected(settings.database_url) as connection:
                await connection.executemany(_NOTE, notes)
        except asyncpg.UndefinedTableError:
            raise PipelineStoppedError(
                "The tables of the database are of an earlier version: `dibao up` or `dibao roles apply` "
                "brings them up to date (docs/security.md); then say this again."
            ) from None


async def anything_signed(settings: Settings) -> bool:
    """Return whether it is noted of any topic, this or a former one, that it must be signed."""
    async with connected(settings.database_url) as connection:
        return bool(await connection.fetchval("SELECT exists(SELECT FROM platform.signed)"))


async def unsigned_topics(settings: Settings) -> list[str]:
    """Return the log's topics of which nothing is noted: unsigned records are taken there."""
    bounds, _, known = await _state(settings, CONTEXTS)
    return sorted({topic for topic, partition in bounds if (topic, partition) not in known})


async def _state(
    settings: Settings, contexts: Sequence[str]
) -> tuple[dict[Place, tuple[int, int]], dict[str, UUID], dict[Place, int]]:
    """Return the bounds of the log, Kafka's ids for its topics, and what is noted."""
    topics = topics_of(settings, contexts)
    bounds = await log_bounds(settings, contexts)
    watch = LogWatch(settings)
    try:
        ids = {name: found.topic_id for name, found in (await watch.lineages(topics)).items()}
    finally:
        await watch.close()
    async with connected(settings.database_url) as connection:
        return bounds, ids, await signed_from(connection, ids)
