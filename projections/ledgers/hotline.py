"""Calls to the social assistance hotline, with when each was answered (R52, R53, R55)."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, DateTime, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, TWICE, VILLAGE, Heading, Ledger, Month

CALL = Table(
    "hotline_call",
    METADATA,
    *version_columns(),
    Column("call_no", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("called_at", DateTime(timezone=True), nullable=False),
    Column("called_on", Date, nullable=False, comment="in China"),
    Column("picked_up", Boolean, nullable=False),
    Column("caller", Text),
    Column("matter_code", Text),
    Column("due_on", Date),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("hotline_call_call_no", CALL.c.call_no)
Index("hotline_call_order", CALL.c.called_on, CALL.c.call_no)

ANSWER = Table(
    "hotline_answer",
    METADATA,
    *version_columns(),
    Column("call_no", Text, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    Column("resolved", Boolean, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("hotline_answer_call_no", ANSWER.c.call_no)


def called(event: Event) -> Iterable[Row]:
    """Return the row of a call: the caller as a token, the matter as a code."""
    data = event.data
    yield (
        CALL,
        (
            *version(event),
            data.call_no,
            data.line,
            data.called_at,
            event.entry.business_date_of(event.fact, event.time),
            data.picked_up,
            data.caller.person_id if data.caller else None,
            data.matter_code,
            data.due_on,
        ),
    )


def answered(event: Event) -> Iterable[Row]:
    """Return the row of an answer, without its text."""
    data = event.data
    yield ANSWER, (*version(event), data.call_no, data.answered_at, data.resolved)


LEDGER = Ledger(
    title="热线台账",
    rows={"dibao.hotline.called.v1": called, "dibao.hotline.answered.v1": answered},
    columns=(
        Heading("call_no", "来电编号"),
        Heading("called_on", "来电日期"),
        Heading("called_at", "来电时间", listed=False),
        Heading("line", "线路", listed=False),
        Heading("matter_code", "事项"),
        Heading("caller", "来电人", listed=False, sealed=True),
        Heading("picked_up", "是否接听"),
        Heading("due_on", "答复期限"),
        Heading("answered_on", "答复日期"),
        Heading(
            "status",
            "状态",
            words={
                "missed": "未接未回",
                "taken": "已接听",
                "waiting": "待答复",
                "answered": "已答复",
                "resolved": "已解决",
            },
        ),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("answered_by", "答复事实", listed=False),
    ),
    order=(("called_on", "date"), ("call_no", "text")),
    area="village",
    month=Month("the month of the call", day="called_on"),
)
