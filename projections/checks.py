"""What was said of anomalies by those who looked into them: confirmed or refuted (R30)."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Uuid

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

ANOMALY_CHECK = Table(
    "anomaly_check",
    METADATA,
    *version_columns(),
    Column("anomaly_id", Uuid, nullable=False),
    Column("day", Date, nullable=False, comment="on which it was checked, or the problem was found"),
    Column("confirmed", Boolean, nullable=False, comment="else it was refuted"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("anomaly_check_anomaly", ANOMALY_CHECK.c.anomaly_id)


def checked(event: Event) -> Iterable[Row]:
    """Return the row of a check, without what was found."""
    data = event.data
    yield (
        ANOMALY_CHECK,
        (*version(event), UUID(data.anomaly_id), data.checked_on, data.outcome == "confirmed"),
    )


def found(event: Event) -> Iterable[Row]:
    """Return the row of a problem that was found by checking an anomaly, which it confirms."""
    data = event.data
    if data.anomaly_id is not None:
        yield ANOMALY_CHECK, (*version(event), UUID(data.anomaly_id), data.found_on, True)


ROWS: dict[str, RowsOf] = {
    "dibao.campaign.anomaly_checked.v1": checked,
    "dibao.campaign.problem_found.v1": found,
}
