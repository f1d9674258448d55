"""When each card in other hands is to be looked at next (R31, R32)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from projections.view import Parameter, View

CUSTODY_STEP = Table(
    "custody_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="checked or handed_over"),
    Column("custody_no", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("result", Text, comment="of a check"),
    Column("direction", Text, comment="of a handing over"),
    Column("custodian_kind", Text, comment="of who took the card, where it is another"),
    PrimaryKeyConstraint("event_id", "digest"),
    info={"only_counted": True},
)
Index("custody_step_custody_no", CUSTODY_STEP.c.custody_no)

_DAYS = {"checked": "checked_on", "handed_over": "handed_over_on"}


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a check or a handing over; neither persons nor what was found."""
    data = event.data
    kind = event.entry.verb
    yield (
        CUSTODY_STEP,
        (
            *version(event),
            kind,
            data.custody_no,
            getattr(data, _DAYS[kind]),
            *given(data, "result", "direction", "custodian_kind"),
        ),
    )


CHECK_MONTHS = Parameter(
    name="custody.check_months",
    default="6",
    unit="months after the last check",
    source="ours",
    title="代管检查周期",
    measure="上次检查后的月数",
    basis="本系统设定",
)

VIEW = View(
    title="代管检查到期",
    about="现由他人代管的卡折：上次检查、下次检查期限、距期限天数；已终止、已交还本人、本人不再保障的不列。",
    rows={f"dibao.custody.{kind}.v1": stepped for kind in _DAYS},
    columns=(
        Heading("custody_no", "代管编号"),
        HOUSEHOLD,
        VILLAGE,
        Heading("custodian_kind", "代管人身份", words=shown("custody.granted", "custodian_kind")),
        Heading("valid_from", "代管起"),
        Heading("valid_to", "代管止", listed=False),
        Heading("checked_on", "上次检查日期"),
        Heading("result", "上次检查结果", words=shown("custody.checked", "result")),
        Heading("due_on", "检查期限"),
        Heading("days_left", "剩余天数"),
        Heading("days_over", "逾期天数"),
        Heading("state", "状态", words={"waiting": "未到期", "due": "今日到期", "overdue": "逾期"}),
    ),
    order=(("due_on", "date"), ("custody_no", "text")),
    area="village",
    levels=(),
    household="household_no",
    state="state",
    parameters=(CHECK_MONTHS,),
)
