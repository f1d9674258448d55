"""The way of the money, from where it is raised to what the bank said of each batch (资金, R34-R36)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import EVENT_ID, PROGRAMME, TWICE, VILLAGE, Heading, Ledger, Month, Totals

FUND_STEP = Table(
    "fund_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("number", Text, nullable=False),
    Column("parent_no", Text, comment="of what it is a part of"),
    Column("programme", Text, nullable=False),
    Column("period", Text, nullable=False, comment="the year, or the month, that it is for"),
    Column("day", Date, nullable=False, comment="of business"),
    Column("amount_fen", BigInteger),
    Column("level", Text, comment="who raises it"),
    Column("bank", Text),
    Column("document", Text),
    Column("decided_on", Date),
    Column("entered_on", Date),
    Column("audited_on", Date),
    Column("to_finance_on", Date),
    Column("household_count", BigInteger),
    Column("person_count", BigInteger),
    Column("paid_count", BigInteger),
    Column("paid_fen", BigInteger),
    Column("failed_count", BigInteger),
    Column("failed_fen", BigInteger),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("fund_step_number", FUND_STEP.c.kind, FUND_STEP.c.number)
Index("fund_step_village", FUND_STEP.c.village, postgresql_where=FUND_STEP.c.village.is_not(None))
Index("fund_step_order", FUND_STEP.c.period, FUND_STEP.c.kind, FUND_STEP.c.number)

_STEPS = {
    "raised": ("fund_no", None, "raised_on"),
    "allocated": ("allocation_no", "fund_no", "allocated_on"),
    "appropriated": ("appropriation_no", "allocation_no", "appropriated_on"),
    "batch_submitted": ("batch_no", None, "to_bank_on"),
    "batch_settled": ("batch_no", None, "settled_on"),
}
"""Of each step its number, that of what it is a part of, and its day."""
_FIELDS = (
    *("amount_fen", "level", "bank", "document", "decided_on", "entered_on", "audited_on", "to_finance_on"),
    *("household_count", "person_count", "paid_count", "paid_fen", "failed_count", "failed_fen"),
)


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of the money's way, without remarks; what goes to an area belongs to it."""
    data = event.data
    kind = event.entry.verb
    number, parent, day = _STEPS[kind]
    event_id, digest, village = version(event)
    yield (
        FUND_STEP,
        (
            event_id,
            digest,
            village or getattr(data, "to_division", None),
            kind,
            getattr(data, number),
            getattr(data, parent) if parent else None,
            data.programme,
            data.month if hasattr(data, "month") else str(data.year),
            getattr(data, day),
            *given(data, *_FIELDS),
        ),
    )


LEDGER = Ledger(
    title="资金台账",
    rows={f"dibao.funds.{kind}.v1": stepped for kind in _STEPS},
    columns=(
        Heading(
            "fund_stage",
            "环节",
            words={
                "raised": "筹集",
                "allocated": "分配",
                "appropriated": "拨付",
                "batch_submitted": "发放",
            },
        ),
        Heading("number", "编号"),
        Heading("parent_no", "上级编号", listed=False),
        PROGRAMME,
        Heading("period", "所属期"),
        Heading("day", "日期"),
        Heading("amount_fen", "金额"),
        Heading("level", "资金级次", words=shown("funds.raised", "level"), listed=False),
        Heading("bank", "银行"),
        Heading("document", "文号", listed=False),
        Heading("household_count", "户数", listed=False),
        Heading("person_count", "人数", listed=False),
        Heading("decided_on", "核定日期", listed=False),
        Heading("entered_on", "录入日期", listed=False),
        Heading("audited_on", "审核日期", listed=False),
        Heading("to_finance_on", "送财政日期", listed=False),
        Heading("settled_on", "到账日期"),
        Heading("paid_count", "成功笔数", listed=False),
        Heading("paid_fen", "成功金额"),
        Heading("failed_count", "失败笔数"),
        Heading("failed_fen", "失败金额", listed=False),
        Heading("difference_fen", "差额"),
        Heading("days_taken", "核定到账天数"),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("settled_by", "到账事实", listed=False),
    ),
    order=(("period", "text"), ("fund_stage", "text"), ("number", "text")),
    area="village",
    programme="programme",
    month=Month("the month that it is for", column="period"),
    totals=Totals(("paid_fen", "failed_fen", "difference_fen")),
)
