"""Declared tables as SQL, and those of the schema ``platform``.

They stand apart from what reads and writes them: SQLAlchemy takes 15 MB, and most processes create no table.
"""

from collections.abc import Iterable

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
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import CreateIndex, CreateTable

from services.platform import locks
from services.platform.database import Connection

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


def ddl(tables: Iterable[Table]) -> str:
    """Return the SQL that creates declared tables and their indexes, where they are not there yet.

    Names are not qualified: the search path says which schema.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements: list[str] = []
    for table in tables:
        statements.append(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        statements.extend(
            str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    return ";\n".join(statements) + ";"


async def create_tables(connection: Connection) -> None:
    """Create the schema ``platform`` and its tables where they do not exist yet."""
    if await connection.fetchval("select to_regclass('platform.rule') is not null"):
        return  # a service's role may not make any, not even none
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", locks.TABLES)
        await connection.execute("create schema if not exists platform")
        await connection.execute(ddl(_TABLES))
