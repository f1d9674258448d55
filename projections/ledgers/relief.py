"""Temporary relief as it was granted (临时救助, R23, R25, R34)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month, Totals

GRANT = Table(
    "relief_grant",
    METADATA,
    *version_columns(),
    Column("relief_no", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("household_no", Text),
    Column("cause", Text, nullable=False),
    Column("occasion_no", Text),
    Column("person_times", Integer, nullable=False, comment="how many persons it relieves (人次)"),
    Column("amount_fen", BigInteger, nullable=False),
    Column("from_reserve", Boolean, nullable=False),
    Column("granted_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("relief_grant_relief_no", GRANT.c.relief_no)
Index("relief_grant_order", GRANT.c.granted_on, GRANT.c.relief_no)
Index("relief_grant_household", GRANT.c.household_no)


def granted(event: Event) -> Iterable[Row]:
    """Return the row of a grant: the person as a token, without the reason."""
    data = event.data
    yield (
        GRANT,
        (
            *version(event),
            data.relief_no,
            data.person.person_id,
            data.household_no,
            data.cause,
            data.occasion_no,
            data.person_times,
            data.amount_fen,
            data.from_reserve,
            data.granted_on,
        ),
    )


LEDGER = Ledger(
    title="临时救助台账",
    rows={"dibao.relief.granted.v1": granted},
    columns=(
        Heading("relief_no", "救助编号"),
        Heading("granted_on", "救助日期"),
        Heading("person", "对象", listed=False, sealed=True),
        HOUSEHOLD,
        Heading("cause", "救助原因", words=shown("relief.granted", "cause")),
        Heading("occasion_no", "事由编号"),
        Heading("person_times", "人次"),
        Heading("amount_fen", "金额"),
        Heading("from_reserve", "备用金支出"),
        TWICE,
        VILLAGE,
        EVENT_ID,
    ),
    order=(("granted_on", "date"), ("relief_no", "text")),
    area="village",
    household="household_no",
    housed=False,
    month=Month("the month of the grant", day="granted_on"),
    totals=Totals(("person_times", "amount_fen")),
)
