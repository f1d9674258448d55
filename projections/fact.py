"""The header of every fact: who stated it, when, about what, and where the log keeps it.

One row a version: a version is (event id, digest), so that the same fact sent twice is one row, and one id
with two contents is two. Nothing is ever updated: whether a version counts is a question asked when reading
(``fact.sql``), so rows may come in any order, any number of times.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from events.envelope import Event, Record

METADATA = MetaData()
"""Every table of the projection. Names are unqualified: the search path says which generation.

A table that may have several rows a version says in its ``info`` what they are ``several`` of. One whose rows
are ``only_counted`` has a part of a fact, for views: whoever shows the fact reads it elsewhere.
"""

Row: TypeAlias = tuple[Table, tuple[Any, ...]]
"""A table and one row for it, in the order of the table's columns."""

RowsOf: TypeAlias = Callable[[Event], Iterable[Row]]
"""How one event type becomes rows. Pure."""


def version_columns() -> tuple[Column[Any], ...]:
    """Return the columns that every table of facts begins with: the version, and the village it states."""
    return (
        Column("event_id", Uuid, nullable=False),
        Column("digest", Text, nullable=False),
        Column("village", Text, comment="as the fact states it; ledgers fall back on the enrolment"),
    )


def version(event: Event) -> tuple[Any, ...]:
    """Return the values of ``version_columns``."""
    return event.event_id, event.digest, event.data.division


def given(data: Any, *fields: str) -> tuple[Any, ...]:
    """Return the values of fields; None for what a type does not have, where a table holds several types."""
    return tuple(getattr(data, field, None) for field in fields)


STRETCH = 4096
"""Offsets."""

FACT = Table(
    "fact",
    METADATA,
    *version_columns(),
    Column("type", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("is_void", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("business_date", Date, nullable=False),
    Column("household_no", Text),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("correlation_id", Text, comment="the receipt of the file or batch it came with"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("fact_household", FACT.c.household_no)
Index(
    "fact_village",
    FACT.c.village,
    FACT.c.household_no,
    postgresql_where=FACT.c.village.is_not(None) & FACT.c.household_no.is_not(None),
)
Index("fact_announced", FACT.c.partition, FACT.c.offset, postgresql_where=FACT.c.context == "anomalies")
Index("fact_correlation", FACT.c.correlation_id, postgresql_where=FACT.c.correlation_id.is_not(None))

CONTESTED = Table(
    "contested",
    METADATA,
    Column("event_id", Uuid, primary_key=True),
    comment="ids that came with more than one content: few, so that reading asks the others nothing",
)


KEPT_LATEST = Table(
    "kept_latest",
    METADATA,
    Column("context", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("stretch", BigInteger, nullable=False, comment=f"of the log: the offset divided by {STRETCH}"),
    Column("latest", Date, nullable=False),
    PrimaryKeyConstraint("context", "topic", "partition", "stretch"),
    comment="the latest business date in each stretch of the log",
)
"""Whoever looks for what was recorded by a closed day need not look beyond these dates."""


def header(record: Record) -> Row:
    """Return the header row of a record."""
    event = record.event
    entry, data = event.entry, event.fact
    return FACT, (
        event.event_id,
        event.digest,
        data.division,
        event.type,
        entry.context,
        entry.void,
        event.source,
        event.serial,
        event.time,
        entry.business_date_of(data, event.time),
        getattr(data, "household_no", None),
        record.topic,
        record.partition,
        record.offset,
        event.correlation_id,
    )
