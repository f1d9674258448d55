"""Cards and passbooks held by somebody else for the recipient (卡折代管, R31-R32)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

CUSTODY = Table(
    "custody",
    METADATA,
    *version_columns(),
    Column("custody_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("beneficiary", Text, nullable=False),
    Column("custodian", Text, nullable=False),
    Column("custodian_kind", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("agreement_no", Text),
    Column("filed_on", Date),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("custody_custody_no", CUSTODY.c.custody_no)

CUSTODY_END = Table(
    "custody_end",
    METADATA,
    *version_columns(),
    Column("custody_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("ended_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("custody_end_custody_no", CUSTODY_END.c.custody_no)


def granted(event: Event) -> Iterable[Row]:
    """Return the row of a custody; persons and account as tokens."""
    data = event.data
    yield (
        CUSTODY,
        (
            *version(event),
            data.custody_no,
            data.household_no,
            data.beneficiary.person_id,
            data.custodian.person_id,
            data.custodian_kind,
            data.account_number.account_id,
            data.agreement_no,
            data.filed_on,
            data.valid_from,
            data.valid_to,
        ),
    )


def ended(event: Event) -> Iterable[Row]:
    """Return the row of a custody's end."""
    data = event.data
    yield CUSTODY_END, (*version(event), data.custody_no, data.household_no, data.ended_on)


ROWS: dict[str, RowsOf] = {
    "dibao.custody.granted.v1": granted,
    "dibao.custody.ended.v1": ended,
}
