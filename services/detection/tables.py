"""The tables of one generation of detection (schema ``detection_g<N>``), declared.

Everything here is derived from the log and may be built again beside the live generation.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from services.detection.facts.fact import kind_of
from services.detection.subjects import DECLARED
from services.platform.outbox import outbox_table

METADATA = MetaData()

INDEXES_ONLY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Keeps the planner from scanning a table that was just filled and has no statistics yet."""

WALK_INDEXES = "; ".join(f"set local {name} = {value}" for name, value in INDEXES_ONLY.items())
"""The same for one transaction, on a connection that is used for other things too."""

EVENT = Table(
    "event",
    METADATA,
    Column("event_id", UUID, primary_key=True),
    Column("digests", ARRAY(UUID), nullable=False),
    Column("voids", ARRAY(Text), nullable=False),
    Column("targets", ARRAY(UUID), nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("receipt", UUID, comment="with which the only version came, as long as nothing else was seen"),
    Column("receipts", ARRAY(Text), comment="afterwards: version/receipt of all that came with one"),
    comment="Sets that only grow: versions seen, voids that name this event, events it voids, subjects.",
)

NUMBER = Table(
    "number",
    METADATA,
    Column("number", UUID, primary_key=True),
    Column("event_id", UUID, nullable=False),
    Column("digest", UUID, nullable=False),
    comment="Who stated a business number first here, by which whoever comes later is seen.",
)

FACT = Table(
    "fact",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("event_id", UUID, primary_key=True),
    Column("digest", UUID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("ref", Text),
    comment="One row per version of a fact and subject; live: it counts; ref: a neighbour that concerns it.",
)
Index("fact_ref", FACT.c.ref, postgresql_where=FACT.c.ref.is_not(None))

_NEIGHBOURLY = sorted(
    {
        kind_of(fact)
        for subject in DECLARED.values()
        for neighbour in subject.neighbours
        for fact in neighbour.facts
    }
)
NEIGHBOURLY = "kind in (" + ", ".join(f"'{kind}'" for kind in _NEIGHBOURLY) + ")"
"""The facts that are read as a neighbour's: there is an index for them, as for no others they are asked."""
Index("fact_neighbour", FACT.c.subject, postgresql_where=text(NEIGHBOURLY))

DIRTY = Table(
    "dirty",
    METADATA,
    Column("id", BigInteger, Identity(), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("month", Text),
    Column("kind", Text, nullable=False),
    comment="Subjects to evaluate; month is null where all months are meant; kind is the fact's, or why.",
    postgresql_with={"autovacuum_vacuum_scale_factor": "0.0", "autovacuum_vacuum_threshold": "20000"},
)
Index("dirty_order", DIRTY.c.priority, DIRTY.c.id)
Index("dirty_subject", DIRTY.c.subject)


def finding_columns() -> tuple[Column[Any], ...]:
    """Return the columns of what a finding says; ``announce.values_of`` has the values, but for the last."""
    return (
        Column("rule", Text, nullable=False),
        Column("rule_version", Integer, nullable=False),
        Column("month", Text, nullable=False),
        Column("household_no", Text),
        Column("key", JSONB, nullable=False),
        Column("severity", Text, nullable=False),
        Column("params", JSONB, nullable=False),
        Column("evidence", JSONB, nullable=False),
        Column("evidence_count", Integer, nullable=False),
        Column("holds_since", Text),
        Column("policy", JSONB, nullable=False),
        Column("content", Text, nullable=False),
    )


FINDING = Table(
    "finding",
    METADATA,
    Column("anomaly_id", UUID, primary_key=True),
    Column("subject", Text, nullable=False),
    *finding_columns(),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("revised_at", DateTime(timezone=True), nullable=False),
)
Index("finding_subject", FINDING.c.subject)

WAKE = Table(
    "wake",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("due", Date, nullable=False),
    comment="The first closed day on which a subject's findings change without a new fact.",
)
Index("wake_due", WAKE.c.due)

DAY = Table(
    "day",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("applied_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Closed days whose cut the ingest has passed.",
)

SWEEP = Table(
    "sweep",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("cause", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("division_prefix", Text, nullable=False),
    Column("programme", Text),
    Column("cursor", Text, nullable=False, server_default=text("''")),
    Column("marked", BigInteger, nullable=False, server_default=text("0")),
    Column("done", Boolean, nullable=False, server_default=text("false")),
    comment="Subjects of one kind that a policy or a day taken back concerns, being marked in chunks.",
)

CODE = Table(
    "code",
    METADATA,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("fingerprint", Text, nullable=False),
    comment="The fact kinds and rules that fill this generation.",
)

OUTBOX = outbox_table(METADATA)

TABLES: tuple[Table, ...] = (CODE, EVENT, NUMBER, FACT, DIRTY, FINDING, WAKE, DAY, SWEEP, OUTBOX)
