"""The review of all who receive: who is to be gone over, who was, what was found (清查, R9-R11)."""

from collections.abc import Iterable

import orjson
from sqlalchemy import BigInteger, Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import HOUSEHOLD, PROGRAMME, VILLAGE, Heading, Ledger, Month, Totals

HOUSEHOLD_CHECK = Table(
    "household_check",
    METADATA,
    *version_columns(),
    Column("screening_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("checkers", JSONB, nullable=False, comment="the officials' numbers"),
    Column("person_count", BigInteger, nullable=False),
    Column("entitlement_fen", BigInteger, nullable=False),
    Column("comparison", Text, nullable=False),
    Column("conclusion", Text, nullable=False),
    Column(
        "handled", Boolean, nullable=False, comment="whether it says how it was dealt with, in a sealed text"
    ),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("household_check_day", HOUSEHOLD_CHECK.c.checked_on)
Index("household_check_household", HOUSEHOLD_CHECK.c.household_no, HOUSEHOLD_CHECK.c.programme)


def checked(event: Event) -> Iterable[Row]:
    """Return the row of a household that was gone over, and whether it says how it was dealt with."""
    data = event.data
    yield (
        HOUSEHOLD_CHECK,
        (
            *version(event),
            data.screening_no,
            data.household_no,
            data.programme,
            data.checked_on,
            orjson.dumps(data.checkers).decode(),
            data.person_count,
            data.entitlement_fen,
            data.comparison,
            data.conclusion,
            data.handling is not None,
        ),
    )


LEDGER = Ledger(
    title="清查台账",
    rows={"dibao.screening.household_checked.v1": checked},
    columns=(
        HOUSEHOLD,
        Heading("head", "户主", sealed=True),
        PROGRAMME,
        Heading("checked_on", "清查日期"),
        Heading("checkers", "清查人编号", listed=False),
        Heading("person_count", "人数"),
        Heading("entitlement_fen", "金额(元/月)"),
        Heading("comparison", "比对结果", words=shown("screening.household_checked", "comparison")),
        Heading("conclusion", "结论", words=shown("screening.household_checked", "conclusion")),
        Heading("handled", "处理(有记录)"),
        Heading("status", "状态", words={"due": "应查未查", "checked": "已查", "problem": "已查有问题"}),
        Heading("receives", "现在保障"),
        VILLAGE,
        Heading("screening_no", "清查编号", listed=False),
        Heading("checked_by", "清查事实", listed=False),
        Heading("began_by", "纳入事实", listed=False),
    ),
    order=(("household_no", "text"), ("programme", "text")),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("the month of the check", day="checked_on"),
    totals=Totals(("person_count", "entitlement_fen")),
)
