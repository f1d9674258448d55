"""The positions of pipelines: the truth about what was consumed, in PostgreSQL beside the effects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.platform.database import Connection

Place = tuple[str, int]
"""A topic and one of its partitions."""


class Mark(NamedTuple):
    """What a position was read from: the topic by Kafka's id for it, and the last event below the position.

    ``None`` where that was not noted, or where no event stands below it.
    """

    topic_id: UUID | None
    offset: int | None
    event_id: UUID | None


async def positions(connection: Connection, pipeline: str, version: int) -> dict[Place, int]:
    """Return the next offset of every partition that a pipeline has begun."""
    rows = await connection.fetch(
        'select topic, partition, next_offset from platform."offset" where pipeline = $1 and version = $2',
        pipeline,
        version,
    )
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def behind(ends: Mapping[Place, int], held: Mapping[Place, int], topics: Iterable[str]) -> int:
    """Return how many records of these topics were not consumed when their ends were asked for.

    A partition that was read beyond the end of before has nothing left, and makes up for no other's backlog.
    """
    wanted = set(topics)
    return sum(max(0, end - held.get(place, 0)) for place, end in ends.items() if place[0] in wanted)


async def begin(
    connection: Connection, pipeline: str, version: int, starts: Mapping[Place, int]
) -> dict[Place, int]:
    """Return the next offset of the given partitions; those never begun begin at ``starts``."""
    places = sorted(starts)
    rows = await connection.fetch(
        """
        with wanted as (
            select * from unnest($3::text[], $4::int[], $5::bigint[]) as w (topic, partition, next_offset)
        ), begun as (
            insert into platform."offset" (pipeline, version, topic, partition, next_offset)
            select $1, $2, topic, partition, next_offset from wanted
            on conflict (pipeline, version, topic, partition) do nothing
            returning topic, partition, next_offset
        )
        select topic, partition, next_offset from begun
        union all
        select topic, partition, o.next_offset from platform."offset" o join wanted using (topic, partition)
        where pipeline = $1 and version = $2
        """,
        pipeline,
        version,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [starts[place] for place in places],
    )
    found = {(row["topic"], row["partition"]): int(row["next_offset"]) for row in rows}
    missing = set(places) - set(found)
    if missing:
        # Inserted by another worker after this statement's snapshot: it is visible to the next one.
        found.update(await begin(connection, pipeline, version, {place: starts[place] for place in missing}))
    return found


async def compare_and_set(
    connection: Connection,
    pipeline: str,
    version: int,
    moves: Mapping[Place, tuple[int, int]],
    marks: Mapping[Place, Mark],
) -> bool:
    """Move partitions from the held to the next offset, in one statement; False if one was moved by another.

    The rows stay locked until the transaction ends, so a second owner waits and then fails. ``marks`` say
    what was read last of each.
    """
    places = sorted(moves)
    answer: str = await connection.execute(
        """
        update platform."offset" o
        set next_offset = m.next,
            topic_id = m.topic_id, last_offset = m.last_offset, last_event = m.last_event
        from unnest(
            $3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::uuid[], $8::bigint[], $9::uuid[]
        ) as m (topic, partition, held, next, topic_id, last_offset, last_event)
        where o.pipeline = $1 and o.version = $2
          and o.topic = m.topic and o.partition = m.partition and o.next_offset = m.held
        """,
        pipeline,
        version,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [moves[place][0] for place in places],
        [moves[place][1] for place in places],
        *_columns(marks, places),
    )
    return int(answer.rpartition(" ")[2]) == len(places)


async def marks_of(connection: Connection, pipeline: str, version: int) -> dict[Place, Mark]:
    """Return what the positions of a pipeline were read from."""
    rows = await connection.fetch(
        """
        select topic, partition, topic_id, last_offset, last_event
        from platform."offset" where pipeline = $1 and version = $2
        """,
        pipeline,
        version,
    )
    return {(topic, partition): Mark(*mark) for topic, partition, *mark in rows}


async def set_marks(connection: Connection, pipeline: str, version: int, marks: Mapping[Place, Mark]) -> None:
    """Note what positions were read from, where that was not noted when they were set."""
    places = sorted(marks)
    await connection.execute(
        """
        update platform."offset" o
        set topic_id = m.topic_id, last_offset = m.last_offset, last_event = m.last_event
        from unnest($3::text[], $4::int[], $5::uuid[], $6::bigint[], $7::uuid[])
            as m (topic, partition, topic_id, last_offset, last_event)
        where o.pipeline = $1 and o.version = $2 and o.topic = m.topic and o.partition = m.partition
            and o.last_event is null
        """,
        pipeline,
        version,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        *_columns(marks, places),
    )


async def hold(connection: Connection, pipeline: str, version: int) -> None:
    """Let no batch of a pipeline move on until this transaction ends; those in work are waited for."""
    await connection.execute(
        """
        select from platform."offset" where pipeline = $1 and version = $2
        order by topic collate "C", partition for update
        """,
        pipeline,
        version,
    )


async def clear_marks(connection: Connection, pipeline: str, version: int) -> None:
    """Accept positions as they are: a rebuild has read the log up to them."""
    await connection.execute(
        """
        update platform."offset" set topic_id = null, last_offset = null, last_event = null
        where pipeline = $1 and version = $2
        """,
        pipeline,
        version,
    )


def _columns(marks: Mapping[Place, Mark], places: Sequence[Place]) -> tuple[list[Any], ...]:
    return (
        [marks[place].topic_id for place in places],
        [marks[place].offset for place in places],
        [marks[place].event_id for place in places],
    )


async def forget(connection: Connection, pipeline: str, version: int) -> None:
    """Delete the positions of a version that no longer runs."""
    await connection.execute(
        'delete from platform."offset" where pipeline = $1 and version = $2', pipeline, version
    )


async def remember_cluster(connection: Connection, kafka_id: str) -> str:
    """Return the id of the Kafka that the positions belong to; the first ever seen is kept."""
    await connection.execute(
        "insert into platform.cluster (kafka_id) values ($1) on conflict (singleton) do nothing", kafka_id
    )
    return str(await connection.fetchval("select kafka_id from platform.cluster"))


async def set_position(
    connection: Connection, pipeline: str, version: int, offsets: Mapping[Place, int]
) -> None:
    """Set a pipeline's offsets, for a rebuild that has filled its tables up to them.

    What stands below them is looked up by whoever goes on from there.
    """
    places = sorted(offsets)
    await connection.executemany(
        """
        insert into platform."offset" (pipeline, version, topic, partition, next_offset)
        values ($1, $2, $3, $4, $5)
        on conflict (pipeline, version, topic, partition) do update
            set next_offset = excluded.next_offset, topic_id = null, last_offset = null, last_event = null
        """,
        [(pipeline, version, topic, partition, offsets[topic, partition]) for topic, partition in places],
    )
