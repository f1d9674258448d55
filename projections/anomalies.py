"""What detection announced: raising, revising and withdrawing, and the open set that they fold to."""

from collections.abc import Iterable

import orjson
from sqlalchemy import Column, Date, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

ANOMALY_EVENT = Table(
    "anomaly_event",
    METADATA,
    *version_columns(),
    Column("anomaly_id", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("verb", Text, nullable=False, comment="raised, revised or withdrawn"),
    Column("announced_at", DateTime(timezone=True), nullable=False),
    Column("rule", Text, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("key", JSONB, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("evidence", ARRAY(Uuid), nullable=False),
    Column("evidence_count", Integer, nullable=False),
    Column("policy", JSONB, nullable=False),
    Column("household_no", Text),
    Column("holds_since", Date),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("anomaly_event_revision", ANOMALY_EVENT.c.anomaly_id, ANOMALY_EVENT.c.revision)
Index("anomaly_event_rule", ANOMALY_EVENT.c.rule, ANOMALY_EVENT.c.anomaly_id, ANOMALY_EVENT.c.revision)
Index("anomaly_event_household", ANOMALY_EVENT.c.household_no, ANOMALY_EVENT.c.rule)
Index(
    "anomaly_event_person",
    ANOMALY_EVENT.c.key["person"].astext,
    postgresql_where=ANOMALY_EVENT.c.key.has_key("person"),
)
Index("anomaly_event_village", ANOMALY_EVENT.c.village, postgresql_where=ANOMALY_EVENT.c.village.is_not(None))
Index(
    "anomaly_event_severity",
    ANOMALY_EVENT.c.severity,
    ANOMALY_EVENT.c.rule,
    ANOMALY_EVENT.c.anomaly_id,
    ANOMALY_EVENT.c.revision,
)


def announced(event: Event) -> Iterable[Row]:
    """Return the row of one announcement."""
    data = event.data
    yield (
        ANOMALY_EVENT,
        (
            *version(event),
            data.anomaly_id,
            data.revision,
            event.entry.verb,
            event.time,
            data.rule,
            data.rule_version,
            data.subject,
            data.severity,
            orjson.dumps(data.key).decode(),
            orjson.dumps(data.params).decode(),
            "{" + ",".join(map(str, data.evidence)) + "}",
            data.evidence_count,
            orjson.dumps(data.policy).decode(),
            data.household_no,
            data.holds_since,
        ),
    )


ROWS: dict[str, RowsOf] = {
    f"dibao.anomalies.{verb}.v1": announced for verb in ("raised", "revised", "withdrawn")
}
