"""The positions of pipelines: the truth about what was consumed, in PostgreSQL beside the effects."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.platform import locks
from services.platform.database import Connection, ddl

Place = tuple[str, int]
"""A topic and one of its partitions."""


class Mark(NamedTuple):
    """What a position was read from: the topic by Kafka's id for it, and the last event below the position.

    ``None`` where that was not noted, or where no event stands below it.
    """

    topic_id: UUID | None
    offset: int | None
    event_id: UUID | None


METADATA = MetaData(schema="platform")

OFFSET = Table(
    "offset",
    METADATA,
    Column("pipeline", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("topic_id", Uuid),
    Column("last_offset", BigInteger),
    Column("last_event", Uuid),
)

CLUSTER = Table(
    "cluster",
    METADATA,
    Column("singleton", Boolean, primary_key=True, server_default=true()),
    Column("kafka_id", Text, nullable=False),
    CheckConstraint("singleton", name="cluster_has_one_row"),
)

GENERATION = Table(
    "generation",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("live", Integer, nullable=False),
)

QUARANTINE = Table(
    "quarantine",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("confirmed_by", Text),
    Column("confirmed_at", DateTime(timezone=True)),
    CheckConstraint("confirmed_by <> proposed_by", name="quarantine_by_two"),
)

SIGNED = Table(
    "signed",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("topic_id", Uuid, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("from_offset", BigInteger, nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)

FORGED = Table(
    "forged",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("written_at", DateTime(timezone=True), primary_key=True),
    Column("type", Text),
    Column("error", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)

DEALT_WITH = Table(
    "dealt_with",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("written_at", DateTime(timezone=True), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)

PARTITIONS = Table(
    "partitions",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partitions", Integer, nullable=False),
    Column("moving_until", DateTime(timezone=True)),
    CheckConstraint("partitions > 0", name="keys_go_somewhere"),
)
"""To how many partitions the keys of a topic are dealt, where some were added (``partitioning.py``)."""

RULE = Table(
    "rule",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("subject", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("phrases", JSONB, nullable=False),
    Column("requirements", ARRAY(Text), nullable=False),
    Column("key", ARRAY(Text), nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""What detection has published of its rules: the words of every version that it ever ran."""

FOLLOWED = Table(
    "followed",
    METADATA,
    Column("event_id", Uuid, primary_key=True),
    Column("trace", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""Facts of the last day that are followed (``tracing``): what rests on one of them is followed as well."""
Index("followed_at", FOLLOWED.c.at)


_TABLES = (
    *(OFFSET, CLUSTER, GENERATION, QUARANTINE, SIGNED, FORGED, DEALT_WITH),
    *(PARTITIONS, RULE, FOLLOWED),
)


async def create_tables(connection: Connection) -> None:
    """Create the schema ``platform`` and its tables where they do not exist yet."""
    if await connection.fetchval("select to_regclass('platform.rule') is not null"):
        return  # a service's role may not make any, not even none
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", locks.TABLES)
        await connection.execute("create schema if not exists platform")
        await connection.execute(ddl(_TABLES))


async def positions(connection: Connection, pipeline: str, version: int) -> dict[Place, int]:
    """Return the next offset of every partition that a pipeline has begun."""
    rows = await connection.fetch(
        'select topic, partition, next_offset from platform."offset" where pipeline = $1 and version = $2',
        pipeline,
        version,
    )
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


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
