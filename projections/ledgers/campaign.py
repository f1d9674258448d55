"""The campaign: tasks, visits, talks, meetings, circulars, projects, training (R42, R44, R56-R67)."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Index, Numeric, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, TWICE, VILLAGE, Heading, Ledger, Month

CAMPAIGN_ITEM = Table(
    "campaign_item",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("number", Text, nullable=False),
    Column("campaign_no", Text),
    Column("day", Date, nullable=False, comment="of business"),
    Column("due_on", Date),
    Column("title", Text),
    Column("what", Text, comment="the code that says of which kind it is"),
    Column("assigned_to", Text),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("campaign_item_number", CAMPAIGN_ITEM.c.kind, CAMPAIGN_ITEM.c.number)
Index("campaign_item_order", CAMPAIGN_ITEM.c.day, CAMPAIGN_ITEM.c.kind, CAMPAIGN_ITEM.c.number)

CAMPAIGN_REPORT = Table(
    "campaign_report",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="of what is reported, as of campaign_item"),
    Column("number", Text, nullable=False),
    Column("reported_on", Date, nullable=False),
    Column("progress", Numeric, nullable=False, comment="in per cent"),
    Column("done", Boolean, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("campaign_report_number", CAMPAIGN_REPORT.c.kind, CAMPAIGN_REPORT.c.number)

_ITEMS = {
    "opened": ("campaign_no", "issued_on", "title", None),
    "task_assigned": ("task_no", "assigned_on", "title", "task_class"),
    "visited": ("visit_no", "visited_on", None, "kind"),
    "talked_to": ("talk_no", "talked_on", None, None),
    "met": ("meeting_no", "met_on", None, "kind"),
    "circulated": ("circular_no", "circulated_on", "document", "kind"),
    "ledger_submitted": ("submission_no", "submitted_on", "quarter", "ledger"),
    "project_started": ("project_no", "started_on", "title", None),
    "trained": ("training_no", "trained_on", "subject", None),
}
"""Of each kind its number, its day, what names it, and its code."""
_REPORTS = {
    "task_reported": ("task_assigned", "task_no"),
    "project_reported": ("project_started", "project_no"),
}


def item(event: Event) -> Iterable[Row]:
    """Return the row of something that was done or is to be done; neither persons nor texts."""
    data = event.data
    kind = event.entry.verb
    number, day, title, what = _ITEMS[kind]
    yield (
        CAMPAIGN_ITEM,
        (
            *version(event),
            kind,
            getattr(data, number),
            data.campaign_no,
            getattr(data, day),
            getattr(data, "due_on", None),
            getattr(data, title) if title else None,
            getattr(data, what) if what else None,
            getattr(data, "assigned_to", None),
        ),
    )


def reported(event: Event) -> Iterable[Row]:
    """Return the row of how far something has come."""
    data = event.data
    kind, number = _REPORTS[event.entry.verb]
    yield (
        CAMPAIGN_REPORT,
        (*version(event), kind, getattr(data, number), data.reported_on, data.progress, data.done),
    )


_WHATS = {
    code: word
    for kind, (*_, what) in _ITEMS.items()
    if what and kind != "ledger_submitted"
    for code, word in shown(f"campaign.{kind}", what).items()
}

LEDGER = Ledger(
    title="专项行动台账",
    rows={f"dibao.campaign.{kind}.v1": item for kind in _ITEMS}
    | {f"dibao.campaign.{kind}.v1": reported for kind in _REPORTS},
    columns=(
        Heading(
            "kind",
            "事项",
            words={
                "opened": "行动方案",
                "task_assigned": "任务",
                "visited": "督导调研",
                "talked_to": "约谈",
                "met": "会商",
                "circulated": "通报",
                "ledger_submitted": "台账报送",
                "project_started": "项目",
                "trained": "培训",
            },
        ),
        Heading("number", "编号"),
        Heading("campaign_no", "行动编号", listed=False),
        Heading("day", "日期"),
        Heading("what", "类别", words=_WHATS),
        Heading("ledger", "报送的台账", words=shown("campaign.ledger_submitted", "ledger"), listed=False),
        Heading("title", "名称"),
        Heading("assigned_to", "承办单位", listed=False),
        Heading("due_on", "时限"),
        Heading("reported_on", "最近进展日期"),
        Heading("progress", "进度(%)"),
        Heading(
            "status",
            "状态",
            words={"done": "已完成", "under_way": "进行中", "to_do": "未开始", "recorded": "已记录"},
        ),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("reported_by", "进展事实", listed=False),
    ),
    order=(("day", "date"), ("kind", "text"), ("number", "text")),
    area="village",
    month=Month("the month in which it was begun or done", day="day"),
)
