"""Petitions since 2018, with what they repeat and how they ended (R37-R39)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month

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
Index("petition_order", PETITION.c.filed_on, PETITION.c.event_id)
Index("petition_petitioner", PETITION.c.petitioner, PETITION.c.matter_code, PETITION.c.filed_on)
Index("petition_household", PETITION.c.household_no, PETITION.c.matter_code, PETITION.c.filed_on)

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
    """Return the row of a petition: the petitioner as a token, without the text."""
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


LEDGER = Ledger(
    title="信访台账",
    rows={"dibao.petitions.filed.v1": filed, "dibao.petitions.closed.v1": closed},
    columns=(
        Heading("petition_no", "信访编号"),
        Heading("filed_on", "日期"),
        Heading("channel", "来源", listed=False),
        Heading("kind", "类别", words=shown("petitions.filed", "kind")),
        Heading("matter_code", "事项"),
        Heading("petitioner", "信访人", listed=False, sealed=True),
        HOUSEHOLD,
        Heading("repeats_petition_no", "重复的信访"),
        Heading("outcome", "结果", words=shown("petitions.closed", "outcome")),
        Heading("closed_on", "办结日期"),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("repeats", "重复的信访(事实)", listed=False),
        Heading("closed_by", "办结事实", listed=False),
    ),
    order=(("filed_on", "date"), ("event_id", "uuid")),
    area="village",
    household="household_no",
    housed=False,
    month=Month("the month of filing", day="filed_on"),
)
