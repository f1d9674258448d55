"""The closing of days, with the cut that "recorded by day D" means; and which days of a year are worked."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

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

ARRANGED_YEAR = Table(
    "arranged_year",
    METADATA,
    *version_columns(),
    Column("year", Integer, nullable=False),
    Column("off", ARRAY(Date), nullable=False, comment="holidays"),
    Column("worked", ARRAY(Date), nullable=False, comment="weekends that make up for them"),
    PrimaryKeyConstraint("event_id", "digest"),
    info={"only_counted": True},
)


def day_closed(event: Event) -> Iterable[Row]:
    """Return one row a partition of the log."""
    data = event.data
    for topic, partitions in data.cut.items():
        for partition, next_offset in partitions.items():
            yield CUT, (*version(event), data.day, topic, int(partition), next_offset)


def year_arranged(event: Event) -> Iterable[Row]:
    """Return the row of a year's arrangement."""
    data = event.data
    days = ("{" + ",".join(map(str, each)) + "}" for each in (data.holidays, data.working_days))
    yield ARRANGED_YEAR, (*version(event), data.year, *days)


ROWS: dict[str, RowsOf] = {
    "dibao.calendar.day_closed.v1": day_closed,
    "dibao.calendar.year_arranged.v1": year_arranged,
}
