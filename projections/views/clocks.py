"""Everything that was to be done by a day, and when it was done (R36, R37, R53, R56, R66)."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from projections.view import Parameter, View

PETITION_STEP = Table(
    "petition_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="accepted, transferred or answered"),
    Column("petition_no", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("due_on", Date, comment="of an acceptance: the last day for the answer"),
    Column("stage", Text, comment="of an answer"),
    PrimaryKeyConstraint("event_id", "digest"),
    info={"only_counted": True},
)
Index("petition_step_petition_no", PETITION_STEP.c.petition_no)

_DAYS = {"accepted": "accepted_on", "transferred": "transferred_on", "answered": "answered_on"}


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of a petition, without who took it and what was said."""
    data = event.data
    kind = event.entry.verb
    yield (
        PETITION_STEP,
        (
            *version(event),
            kind,
            data.petition_no,
            getattr(data, _DAYS[kind]),
            *given(data, "due_on", "stage"),
        ),
    )


CLUE_CONCERN = Table(
    "clue_concern",
    METADATA,
    *version_columns(),
    Column("about_cadre", Boolean, nullable=False, comment="whether it names a cadre or an official"),
    PrimaryKeyConstraint("event_id", "digest"),
    info={"only_counted": True},
)


def received(event: Event) -> Iterable[Row]:
    """Return the row that says whether a clue is about a cadre, and not about whom."""
    about = any(each.cadre or each.official_no for each in event.data.concerned)
    yield CLUE_CONCERN, (*version(event), about)


_LAW = "信访条例 22, 33 (to 2022-04-30); 信访工作条例 23, 34 (from 2022-05-01)"
_LAW_SAID = "信访条例第22、33条（至2022年4月30日），信访工作条例第23、34条（自2022年5月1日）"

VIEW = View(
    title="办理时限",
    about="凡有办理期限的事项：问题整改、热线答复、任务和项目、信访、线索查证和移交、近亲属核查、摸排结论、"
    "申请审批、银行回盘、代管检查，逐件列出期限、办结日期和逾期天数。",
    rows={f"dibao.petitions.{kind}.v1": stepped for kind in _DAYS} | {"dibao.clues.received.v1": received},
    columns=(
        Heading(
            "kind",
            "事项",
            words={
                "problem": "问题整改",
                "call": "热线答复",
                "task": "专项行动任务",
                "project": "项目",
                "petition": "信访办理",
                "clue_verification": "线索查证",
                "clue_transfer": "线索移交",
                "kinship_review": "近亲属核查",
                "screening": "摸排结论",
                "application": "申请审批",
                "batch": "银行回盘",
                "custody_check": "代管检查",
            },
        ),
        Heading("number", "编号"),
        HOUSEHOLD,
        VILLAGE,
        Heading("began_on", "起算日期"),
        Heading("due_on", "期限"),
        Heading("done_on", "办结日期"),
        Heading(
            "state",
            "状态",
            words={
                "waiting": "未到期",
                "due": "今日到期",
                "overdue": "逾期",
                "done": "按期完成",
                "late": "逾期完成",
            },
        ),
        Heading("days_left", "剩余天数"),
        Heading("days_over", "逾期天数"),
    ),
    order=(("due_on", "date"), ("kind", "text"), ("number", "text")),
    area="village",
    levels=(),
    household="household_no",
    state="state",
    period="what was due in it",
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
            name="hotline.reply_days",
            default="7",
            unit="days after a call in which something was asked",
            source="ours",
            title="热线诉求答复期限",
            measure="来电后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="petitions.accept_days",
            default="15",
            unit="days after the petition is filed",
            source=_LAW,
            title="信访受理期限",
            measure="登记后的天数",
            basis=_LAW_SAID,
        ),
        Parameter(
            name="petitions.answer_days",
            default="60",
            unit="days after the petition is accepted",
            source=_LAW,
            title="信访办理期限",
            measure="受理后的天数",
            basis=_LAW_SAID,
        ),
        Parameter(
            name="petitions.extension_days",
            default="30",
            unit="days by which that may be extended",
            source=_LAW,
            title="信访延期",
            measure="可延长的天数",
            basis=_LAW_SAID,
        ),
        Parameter(
            name="clues.verify_days",
            default="60",
            unit="days after a clue is received",
            source="ours",
            title="线索查证期限",
            measure="收到线索后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="clues.transfer_days",
            default="15",
            unit="days after a clue about a cadre was found true",
            source="ours",
            title="涉及干部线索移交期限",
            measure="查证属实后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="kinship.review_days",
            default="60",
            unit="days after the relative is filed",
            source="ours; 民发〔2021〕57号 20 for the visit",
            title="近亲属备案排查期限",
            measure="备案后的天数",
            basis="本系统设定；入户调查见民发〔2021〕57号第20条",
        ),
        Parameter(
            name="screening.outcome_days",
            default="30",
            unit="days after somebody is listed",
            source="ours",
            title="摸排结论作出期限",
            measure="列入摸排后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="application.total_days",
            default="30",
            unit="working days after the application until the decision",
            source="民发〔2021〕57号 22",
            title="审核确认总期限",
            measure="受理申请后的工作日数",
            basis="民发〔2021〕57号第22条",
        ),
        Parameter(
            name="application.extended_days",
            default="45",
            unit="working days where a step of the investigation is doubtful",
            source="民发〔2021〕57号 22",
            title="延长后的审核确认期限",
            measure="受理申请后的工作日数，调查结果存疑时适用",
            basis="民发〔2021〕57号第22条",
        ),
        Parameter(
            name="application.delegated_days",
            default="20",
            unit="working days where the township decides",
            source="民发〔2020〕83号 四(一)",
            title="下放乡镇的审核确认期限",
            measure="受理申请后的工作日数",
            basis="民发〔2020〕83号四（一）",
        ),
        Parameter(
            name="funds.settle_days",
            default="10",
            unit="days after the last day of the batch's month",
            source="ours",
            title="银行回盘期限",
            measure="批次所属月份结束后的天数",
            basis="本系统设定",
        ),
    ),
    asks=("custody_checks",),
)
