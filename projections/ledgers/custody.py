"""Cards and passbooks held by somebody else for the recipient (卡折代管, R31-R32)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month

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
Index("custody_household", CUSTODY.c.household_no)

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


LEDGER = Ledger(
    title="卡折代管台账",
    rows={"dibao.custody.granted.v1": granted, "dibao.custody.ended.v1": ended},
    columns=(
        Heading("custody_no", "代管编号"),
        HOUSEHOLD,
        Heading("beneficiary", "对象", listed=False, sealed=True),
        Heading("custodian", "代管人", listed=False, sealed=True),
        Heading("custodian_kind", "代管人身份", words=shown("custody.granted", "custodian_kind")),
        Heading("account_id", "账户", listed=False, sealed=True),
        Heading("agreement_no", "协议号"),
        Heading("filed_on", "日期"),
        Heading("granted_on", "登记日期", listed=False),
        Heading("valid_from", "起"),
        Heading("valid_to", "止"),
        Heading("ended_on", "终止日期"),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("ended_by", "终止事实", listed=False),
    ),
    order=(("custody_no", "text"),),
    area="village",
    household="household_no",
    month=Month(
        "a month in which the custody was in force",
        condition="valid_from < ({0} || '-01')::date + interval '1 month'"
        " AND valid_to >= ({0} || '-01')::date"
        " AND coalesce(ended_on >= ({0} || '-01')::date, true)",
    ),
)
