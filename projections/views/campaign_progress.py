"""How far the campaign is: each phase, task and project with a light and the reason (R57-R59, R63)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import VILLAGE, Heading
from projections.view import Parameter, View

CAMPAIGN_PHASE = Table(
    "campaign_phase",
    METADATA,
    *version_columns(),
    Column("campaign_no", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest", "ordinal"),
    info={"only_counted": True},
    comment="phases of a campaign, as it was opened; they may overlap",
)
Index("campaign_phase_campaign_no", CAMPAIGN_PHASE.c.campaign_no)


def opened(event: Event) -> Iterable[Row]:
    """Return the rows of a campaign's phases."""
    data = event.data
    for ordinal, phase in enumerate(data.phases, start=1):
        yield (
            CAMPAIGN_PHASE,
            (*version(event), data.campaign_no, ordinal, phase.title, phase.from_on, phase.to_on),
        )


VIEW = View(
    title="专项行动进度",
    about="专项行动的阶段、任务和项目：红为超过时限未完成，黄为进度落后、临近时限或久未报进展，绿为正常或已完成，附原因。",
    rows={"dibao.campaign.opened.v1": opened},
    columns=(
        Heading("urgency", "次序", listed=False),
        Heading("light", "红黄绿", words={"red": "红", "yellow": "黄", "green": "绿"}),
        Heading("reason", "原因"),
        Heading("kind", "事项", words={"phase": "阶段", "task": "任务", "project": "项目"}),
        Heading("number", "编号"),
        Heading("campaign_no", "行动编号", listed=False),
        Heading("title", "名称"),
        Heading("assigned_to", "承办单位"),
        VILLAGE,
        Heading("from_on", "开始日期", listed=False),
        Heading("due_on", "时限"),
        Heading("progress", "进度(%)"),
        Heading("reported_on", "最近进展日期"),
        Heading("days_over", "逾期天数"),
    ),
    order=(("urgency", "int"), ("due_on", "date"), ("kind", "text"), ("number", "text")),
    area="village",
    levels=(),
    state="light",
    parameters=(
        Parameter(
            name="campaign.task_days",
            default="15",
            unit="days at least for a task, whatever its last day",
            source="ours",
            title="任务最短办理期限",
            measure="天，不论任务写明的完成时限",
            basis="本系统设定",
        ),
        Parameter(
            name="campaign.lag_points",
            default="20",
            unit="points by which progress is behind the time that is over, from which it is slow",
            source="ours",
            title="进展缓慢的界限",
            measure="落后于时间进度的百分点",
            basis="本系统设定",
        ),
        Parameter(
            name="campaign.warning_days",
            default="7",
            unit="days before the last day, from which what is not done is near its end",
            source="ours",
            title="临近期限",
            measure="完成时限前的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="campaign.silent_days",
            default="30",
            unit="days after the last report, or the beginning, in which nothing was reported",
            source="ours",
            title="无进展报告的界限",
            measure="上次报告或开始后的天数",
            basis="本系统设定",
        ),
    ),
)
