"""Petitions since 2018, with what they repeat and how they ended (R37-R39)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

PETITION = Table(
    "petition",
    METADATA,
    *version_columns(),
    Column("petition_no", Text, nullable=False),
    Column("petitioner", Text),
    Column("household_no", Text),
    Column("filed_on", Date, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("matter_code", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("petition_petition_no", PETITION.c.petition_no)

PETITION_CLOSED = Table(
    "petition_closed",
    METADATA,
    *version_columns(),
    Column("petition_no", Text, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("petition_closed_petition_no", PETITION_CLOSED.c.petition_no)


def filed(event: Event) -> Iterable[Row]:
    """Return the row of a petition; the petitioner as a token, the text not at all."""
    data = event.data
    yield (
        PETITION,
        (
            *version(event),
            data.petition_no,
            data.petitioner.person_id if data.petitioner else None,
            data.household_no,
            data.filed_on,
            data.channel,
            data.kind,
            data.matter_code,
        ),
    )


def closed(event: Event) -> Iterable[Row]:
    """Return the row of a petition's closing."""
    data = event.data
    yield PETITION_CLOSED, (*version(event), data.petition_no, data.closed_on, data.outcome)


ROWS: dict[str, RowsOf] = {
    "dibao.petitions.filed.v1": filed,
    "dibao.petitions.closed.v1": closed,
}
