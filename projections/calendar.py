"""The closing of days: the cut of every partition, which "recorded by day D" means."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

CUT = Table(
    "cut",
    METADATA,
    *version_columns(),
    Column("day", Date, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("event_id", "digest", "topic", "partition"),
)
Index("cut_day", CUT.c.day)


def day_closed(event: Event) -> Iterable[Row]:
    """Return one row a partition of the log."""
    data = event.data
    for topic, partitions in data.cut.items():
        for partition, next_offset in partitions.items():
            yield CUT, (*version(event), data.day, topic, int(partition), next_offset)


ROWS: dict[str, RowsOf] = {"dibao.calendar.day_closed.v1": day_closed}
