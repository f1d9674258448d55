"""Adding partitions to the log without losing the order of any key.

1. Kafka makes the partitions. Nobody writes to them yet: keys are dealt to as many as before.
2. Every pipeline has them, so that none misses what comes.
3. Keys are said to move. From then on nothing is accepted, and upstream is told to try again. What was
   accepted stands below the ends that the log has now, for each writer has looked after its acknowledgement.
4. Every pipeline has read up to these ends.
5. Keys are dealt to all partitions, in one statement, and writers go on.

Whatever breaks off before the last step leaves keys where they were: that they move is said for some seconds
only, again and again, and the last statement does nothing where that time is over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiokafka.admin import NewPartitions

from events.catalogue import CONTEXTS, ONE_PARTITION
from services.platform import locks, offsets
from services.platform.database import Connection, connected
from services.platform.kafka import administration
from services.platform.log import end_offsets, topics_of
from services.platform.offsets import Place
from services.platform.partitioning import dealing_of
from services.platform.settings import Settings
from services.platform.signing import note_signed

DEALT = tuple(each for each in CONTEXTS if each not in ONE_PARTITION and each != "anomalies")
"""The contexts whose keys may move: facts of upstream.

Announcements stay where they are. Of an anomaly each is a revision of the one before, others follow them from
any place on, and there are few of them.
"""

MOVING_SECONDS = 10
"""How long writers hold still after whoever adds partitions was last heard of."""

_LOOK_SECONDS = 0.1
_BEGIN = """
INSERT INTO platform.partitions (topic, partitions) SELECT * FROM unnest($1::text[], $2::int[])
ON CONFLICT (topic) DO NOTHING
"""
_MOVE = """
UPDATE platform.partitions SET moving_until = clock_timestamp() + make_interval(secs => $2)
WHERE topic = ANY($1::text[])
"""
_STILL = """
UPDATE platform.partitions SET moving_until = clock_timestamp() + make_interval(secs => $2)
WHERE topic = ANY($1::text[]) AND moving_until > clock_timestamp()
"""
_DEAL = """
UPDATE platform.partitions SET partitions = $2, moving_until = NULL
WHERE topic = ANY($1::text[]) AND moving_until > clock_timestamp()
"""
_STAY = "UPDATE platform.partitions SET moving_until = NULL WHERE topic = ANY($1::text[])"

Tell = Callable[[str], None]


class GrowingError(Exception):
    """Partitions could not be added; keys are dealt as before. The message says why."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A pipeline that must have read all that came before keys move."""

    name: str
    version: int
    contexts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Grown:
    """What was done: topics, and for how many seconds nothing was accepted."""

    topics: tuple[str, ...]
    seconds: float


async def grow(
    settings: Settings,
    partitions: int,
    readers: Sequence[Reader],
    *,
    contexts: Sequence[str] = DEALT,
    patience: float = 60.0,
    tell: Tell,
) -> Grown:
    """Deal the keys of contexts to so many partitions, while facts come in; see above.

    ``readers`` must run. ``patience``: seconds that each step may take. Raises GrowingError, and what Kafka's
    and PostgreSQL's clients raise; keys are dealt as before then.
    """
    async with connected(settings.database_url) as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", locks.PARTITIONS):
            raise GrowingError("Partitions are being added already: wait for the end of that.")
        topics = await _due(settings, connection, topics_of(settings, contexts), partitions)
        if not topics:
            return Grown((), 0.0)
        added = await _add(settings, topics, partitions, tell)
        await note_signed(settings, contexts=contexts)
        tell("Waiting until every pipeline has them")
        reading = {each: set(topics_of(settings, each.contexts)) & set(topics) for each in readers}
        async with _patience(patience, lambda: "A pipeline does not run, or has not seen the partitions"):
            while await _missing(connection, reading, added):  # noqa: ASYNC110 - others move them
                await asyncio.sleep(_LOOK_SECONDS)
        tell("Keys move: until that is done nothing is accepted, and upstream tries again")
        began = monotonic()
        await connection.execute(_MOVE, list(topics), MOVING_SECONDS)
        try:
            await _read_up(settings, connection, contexts, reading, patience)
            answer = await connection.execute(_DEAL, list(topics), partitions)
            if int(answer.rpartition(" ")[2]) != len(topics):
                raise GrowingError("It took too long to say so: keys stay where they were. Try again.")
        except BaseException:
            await connection.execute(_STAY, list(topics))
            raise
        return Grown(topics, monotonic() - began)


async def _due(
    settings: Settings, connection: Connection, topics: Sequence[str], partitions: int
) -> tuple[str, ...]:
    """Return the topics whose keys are dealt to fewer partitions, each with its number on record."""
    found = {name: len(parts) for name, parts in (await _partitions(settings, topics)).items()}
    await connection.execute(_BEGIN, list(found), list(found.values()))
    dealings = await dealing_of(connection, topics)
    dealt = {topic: dealing.partitions or 0 for topic, dealing in dealings.items()}
    if most := [topic for topic in topics if dealt[topic] > partitions]:
        raise GrowingError(
            f"The keys of {most[0]} are dealt to {dealt[most[0]]} partitions: there can only be more of them."
        )
    short = (topic for topic in topics if dealt[topic] < partitions or found[topic] < partitions)
    return tuple(short)


async def _add(settings: Settings, topics: Sequence[str], partitions: int, tell: Tell) -> set[Place]:
    """Have Kafka make what is missing; return the partitions that no key was dealt to."""
    before = await _partitions(settings, topics)
    short = {name: NewPartitions(partitions) for name, there in before.items() if len(there) < partitions}
    if short:
        tell(f"Adding partitions to {len(short)} topics, up to {partitions}")
        async with administration(settings) as admin:
            await admin.create_partitions(short)
        while any(  # noqa: ASYNC110 - Kafka tells nobody
            len(there) < partitions or any(part["leader"] < 0 for part in there)
            for there in (await _partitions(settings, topics)).values()
        ):
            await asyncio.sleep(_LOOK_SECONDS)
    return {(topic, number) for topic in topics for number in range(partitions)}


async def _partitions(settings: Settings, topics: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    async with administration(settings) as admin:
        return {found["topic"]: found["partitions"] for found in await admin.describe_topics(list(topics))}


async def _missing(
    connection: Connection, reading: Mapping[Reader, set[str]], places: set[Place]
) -> set[Place]:
    found: set[Place] = set()
    for reader, topics in reading.items():
        held = await offsets.positions(connection, reader.name, reader.version)
        found |= {place for place in places if place[0] in topics and place not in held}
    return found


async def _read_up(
    settings: Settings,
    connection: Connection,
    contexts: Sequence[str],
    reading: Mapping[Reader, set[str]],
    patience: float,
) -> None:
    """Return when every pipeline has read what stood on the log when keys began to move."""
    ends, behind = await end_offsets(settings, contexts), ""
    async with _patience(patience, lambda: behind):
        while True:
            left = 0
            for reader, topics in reading.items():
                held = await offsets.positions(connection, reader.name, reader.version)
                lag = offsets.behind(ends, held, topics)
                if lag:
                    behind = f"{reader.name} is {lag:,} records behind"
                left += lag
            if not left:
                return
            answer = await connection.execute(_STILL, list({place[0] for place in ends}), MOVING_SECONDS)
            if answer == "UPDATE 0":
                raise GrowingError("Too much time went by: keys stay where they were. Try again.")
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def _patience(seconds: float, why: Callable[[], str]) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise GrowingError(
            f"After {seconds:.0f} s: {why()}. Keys are dealt as before; try again when all are caught up."
        ) from None
