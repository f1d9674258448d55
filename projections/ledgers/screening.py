"""Persons at risk of falling back, from the list to the outcome (摸排, R18-R20, R25)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month

SCREENING_STEP = Table(
    "screening_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("screening_no", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("person", Text),
    Column("household_no", Text),
    Column("category", Text),
    Column("list_name", Text),
    Column("met", Boolean, comment="of a visit"),
    Column("labour", Text),
    Column("earning", Text),
    Column("relapse_risk", Text),
    Column("per_capita_income_fen", BigInteger),
    Column("income_change_fen", BigInteger),
    Column("expense_change_fen", BigInteger),
    Column("outcome", Text),
    Column("application_no", Text),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("screening_step_screening_no", SCREENING_STEP.c.screening_no)
_LISTED = SCREENING_STEP.c.kind == "listed"
Index("screening_step_order", SCREENING_STEP.c.day, SCREENING_STEP.c.screening_no, postgresql_where=_LISTED)
Index("screening_step_household", SCREENING_STEP.c.household_no, postgresql_where=_LISTED)

_DAYS = {
    "listed": "listed_on",
    "visited": "visited_on",
    "assessed": "assessed_on",
    "concluded": "concluded_on",
}
_FIELDS = (
    *("household_no", "category", "list_name", "met", "labour", "earning", "relapse_risk"),
    *("per_capita_income_fen", "income_change_fen", "expense_change_fen", "outcome", "application_no"),
)


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of a screening; the person as a token, without texts."""
    data = event.data
    kind = event.entry.verb
    person = getattr(data, "person", None)
    yield (
        SCREENING_STEP,
        (
            *version(event),
            kind,
            data.screening_no,
            getattr(data, _DAYS[kind]),
            person.person_id if person else None,
            *given(data, *_FIELDS),
        ),
    )


LEDGER = Ledger(
    title="摸排台账",
    rows={f"dibao.screening.{kind}.v1": stepped for kind in _DAYS},
    columns=(
        Heading("screening_no", "摸排编号"),
        Heading("listed_on", "列入日期"),
        Heading("category", "类别", words=shown("screening.listed", "category")),
        Heading("list_name", "名单", listed=False),
        Heading("person", "对象", listed=False, sealed=True),
        HOUSEHOLD,
        Heading("visited_on", "走访日期"),
        Heading("met", "是否见到本人", listed=False),
        Heading("assessed_on", "核查日期"),
        Heading("labour", "劳动能力", words=shown("screening.assessed", "labour"), listed=False),
        Heading("earning", "增收能力", words=shown("screening.assessed", "earning"), listed=False),
        Heading("relapse_risk", "返贫风险", words=shown("screening.assessed", "relapse_risk")),
        Heading("per_capita_income_fen", "人均月收入", listed=False),
        Heading("income_change_fen", "收入变化", listed=False),
        Heading("expense_change_fen", "支出变化", listed=False),
        Heading("concluded_on", "结论日期"),
        Heading("outcome", "结果", words=shown("screening.concluded", "outcome")),
        Heading("application_no", "申请编号", listed=False),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("concluded_by", "结论事实", listed=False),
    ),
    order=(("listed_on", "date"), ("screening_no", "text")),
    area="village",
    household="household_no",
    housed=False,
    month=Month("the month of listing", day="listed_on"),
)
