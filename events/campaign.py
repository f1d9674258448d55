"""The campaign (专项行动): its plan, its tasks, what was found, done and reported (R1-R13, R42-R70).

Problems are keyed by the five stages of the money: 筹集, 分配, 拨付, 发放, 使用 (R34).
"""

from typing import Annotated, Generic, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT, Value
from events.values import (
    AnomalyId,
    Count,
    Day,
    DayAhead,
    Division,
    Fen,
    FreeText,
    Label,
    Number,
    Percent,
    Quarter,
)
from events.voids import CampaignVoided

TaskClass = Literal["policy", "payments", "demands", "conduct"]
"""政策落实, 低保金管理发放, 群众诉求, 作风 (R57)."""

Officials = Annotated[list[Number], Field(max_length=50)]
"""``official_no`` of those who did it."""


class Phase(Value):
    """A stretch of a campaign; phases may overlap (R58)."""

    title: Label
    from_on: DayAhead
    to_on: DayAhead

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_on < self.from_on:
            raise unfit("not-before", field="to_on", other="from_on")
        return self


class Milestone(Value):
    """A step of a project, with its last day."""

    title: Label
    due_on: DayAhead


class Opened(Fact):
    """A campaign is opened by a document that names what it rests on (R1, R8, R57, R58)."""

    campaign_no: Number
    title: Label
    document: Label
    based_on: Annotated[list[Label], Field(max_length=50)] = []
    """依据文件, the nearest first."""
    issued_on: Day
    issued_by: Label
    lead_office: Label
    """牵头单位 (R8)."""
    recipients: Annotated[list[Label], Field(max_length=500)] = []
    """主送: 各村(社区), 各部门."""
    phases: Annotated[list[Phase], Field(max_length=50)] = []


class TaskAssigned(Fact, Generic[TextT]):
    """A village or office has something to do by a day (R9, R56, R57)."""

    task_no: Number
    campaign_no: Number
    task_class: TaskClass
    assigned_to: Label
    """The village or office."""
    division: Division | None = None
    assigned_on: Day
    due_on: DayAhead
    """The plan sets some days before its own issue (R56): earlier than ``assigned_on`` is no error."""
    title: Label
    measures: TextT | None = None


class TaskReported(Fact, Generic[TextT]):
    """How far a task is (R10, R59, R61)."""

    task_no: Number
    campaign_no: Number
    reported_on: Day
    progress: Percent
    done: bool = False
    due_count: Count | None = None
    """应查: how many households should be checked."""
    checked_count: Count | None = None
    """已查."""
    problem_count: Count | None = None
    """问题数."""
    summary: TextT | None = None


class Visited(Fact, Generic[TextT]):
    """Somebody from above came to see (实地督导, 现场督办, 回访; R42, R60)."""

    visit_no: Number
    campaign_no: Number
    kind: Literal["research", "supervision", "on_the_spot", "direct_handling", "recheck"]
    """专题调研, 实地督导, 现场督办, 直查直办, 复查."""
    visited_on: Day
    visitors: Officials = []
    due_on: DayAhead | None = None
    """The last day for what was asked for on the spot (督办单)."""
    findings: TextT | None = None


class TalkedTo(Fact, Generic[PersonT, TextT]):
    """Somebody responsible was called in for a talk (重点约谈, R42)."""

    talk_no: Number
    campaign_no: Number
    person: PersonT
    """Who was called in."""
    official_no: Number | None = None
    talked_on: Day
    talkers: Officials = []
    due_on: DayAhead | None = None
    reason: TextT


class Met(Fact, Generic[TextT]):
    """Offices met about petitions or clues (R44): consultation, joint supervision, regular exchange."""

    meeting_no: Number
    campaign_no: Number | None = None
    kind: Literal["exchange", "consultation", "joint_supervision", "leading_group"]
    """定期通报, 会商研判, 联合督办, 领导小组会议."""
    met_on: Day
    bodies: Annotated[list[Label], Field(max_length=50)]
    petition_nos: Annotated[list[Number], Field(max_length=500)] = []
    minutes: TextT | None = None


class Circulated(Fact, Generic[TextT]):
    """Something was made known (R62, R67, R69): a circular, an exposure, an example to follow, a channel."""

    circular_no: Number
    campaign_no: Number | None = None
    kind: Literal["circular", "exposure", "summary", "good_example", "report_channel"]
    """情况通报, 公开曝光, 工作总结, 先进典型, 举报渠道."""
    circulated_on: Day
    medium: Label
    document: Label | None = None
    divisions: Annotated[list[Division], Field(max_length=500)] = []
    redacted: bool
    """Whether names and numbers of persons were taken out (R67)."""
    consented: bool | None = None
    """Whether the person shown agreed (R69)."""
    content: TextT | None = None


class ProblemFound(Fact, Generic[TextT]):
    """A problem, of this campaign or one of the three years before it (R34, R46)."""

    problem_no: Number
    campaign_no: Number | None = None
    stage: Literal["raising", "allocation", "appropriation", "distribution", "use", "none"]
    """筹集, 分配, 拨付, 发放, 使用, 与资金无关."""
    task_class: TaskClass
    found_on: Day
    found_by: Label
    household_no: Number | None = None
    official_no: Number | None = None
    amount_fen: Fen | None = None
    """How much money it is about."""
    due_on: DayAhead | None = None
    earlier_problem_no: Number | None = None
    """The problem that this one repeats (反弹回潮, R47)."""
    anomaly_id: AnomalyId | None = None
    """The anomaly that was looked into when it was found (预警编号): it is confirmed."""
    description: TextT


class AnomalyChecked(Fact, Generic[TextT]):
    """Somebody looked into what detection had found, and says whether it is so (存疑复核, R30).

    A problem that names the anomaly confirms it as well, and needs no such fact. Of several words on one
    anomaly the latest counts.
    """

    anomaly_id: AnomalyId
    checked_on: Day
    outcome: Literal["confirmed", "refuted"]
    """属实, 不属实: there is a lawful ground for it, or what it rests on is not so."""
    checkers: Officials = []
    findings: TextT | None = None


class ProblemRectified(Fact, Generic[TextT]):
    """A problem is said to be put right (整改, R46, R49)."""

    problem_no: Number
    rectified_on: Day
    measure: Literal["stopped", "recovered", "enrolled", "corrected", "disciplined", "other"]
    """停发, 追回, 纳入, 更正, 处理责任人, 其他."""
    amount_fen: Fen | None = None
    evidence: TextT | None = None
    """What shows it; closing without it is 纸上整改 (R49)."""
    rectified_by: Number | None = None
    """``official_no``."""
    confirmed_by: Number | None = None
    """``official_no`` of the second person (R40)."""


class ProblemRechecked(Fact, Generic[TextT]):
    """Somebody looked again whether a problem stayed put right (R47, R49)."""

    problem_no: Number
    rechecked_on: Day
    recheckers: Officials = []
    drawn: bool
    """Whether it was drawn at random."""
    result: Literal["holds", "not_rectified", "rebounded"]
    """整改到位, 未整改, 反弹."""
    findings: TextT | None = None


class LedgerSubmitted(Fact, Generic[TextT]):
    """A village hands its ledger of a quarter in, signed (R61, R64)."""

    submission_no: Number
    campaign_no: Number
    division: Division
    ledger: Literal["households", "payments", "custody", "kinship", "petitions", "screening", "rectification"]
    """清查, 发放, 卡折代管, 近亲属备案, 信访, 摸排, 整改."""
    quarter: Quarter
    submitted_on: Day
    row_count: Count
    signed_by: Number
    """``official_no`` of whoever signed it."""
    summary: TextT | None = None


class ProjectStarted(Fact, Generic[TextT]):
    """A thing that people urgently need is taken on as a project (急难愁盼, 救在身边; R43, R63)."""

    project_no: Number
    campaign_no: Number | None = None
    title: Label
    owner: Number
    """``official_no`` of whoever answers for it."""
    started_on: Day
    due_on: DayAhead
    milestones: Annotated[list[Milestone], Field(max_length=50)] = []
    petition_nos: Annotated[list[Number], Field(max_length=500)] = []
    description: TextT | None = None


class ProjectReported(Fact, Generic[TextT]):
    """How far a project is (R43, R63)."""

    project_no: Number
    reported_on: Day
    progress: Percent
    done: bool = False
    summary: TextT | None = None


class Trained(Fact):
    """Officials were taught something (R5)."""

    training_no: Number
    campaign_no: Number | None = None
    trained_on: Day
    subject: Label
    """What was taught: a ledger, a policy, how to answer the telephone."""
    trainer: Label
    attendees: Annotated[list[Number], Field(max_length=500)] = []
    """``official_no`` of those who came."""
    hours: Percent


_T: TypeAlias = Sealed
_CAMPAIGN, _TASK, _VISIT, _TALK = ("campaign_no",), ("task_no",), ("visit_no",), ("talk_no",)
_MEETING, _CIRCULAR, _PROBLEM, _ANOMALY = (
    ("meeting_no",),
    ("circular_no",),
    ("problem_no",),
    ("anomaly_id",),
)
_SUBMISSION, _PROJECT, _TRAINING = ("submission_no",), ("project_no",), ("training_no",)

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.campaign.opened.v1",
        readable=Opened,
        model=Opened,
        key=_CAMPAIGN,
        business_date="issued_on",
        unique=("campaign_no",),
        requirements=("R1", "R8", "R57", "R58"),
    ),
    EventType(
        name="dibao.campaign.task_assigned.v1",
        readable=TaskAssigned[FreeText],
        model=TaskAssigned[_T],
        key=_TASK,
        business_date="assigned_on",
        seal_under=(_TASK,),
        unique=("task_no",),
        requirements=("R9", "R56", "R57"),
    ),
    EventType(
        name="dibao.campaign.task_reported.v1",
        readable=TaskReported[FreeText],
        model=TaskReported[_T],
        key=_TASK,
        business_date="reported_on",
        seal_under=(_TASK,),
        requirements=("R10", "R59", "R61"),
    ),
    EventType(
        name="dibao.campaign.visited.v1",
        readable=Visited[FreeText],
        model=Visited[_T],
        key=_VISIT,
        business_date="visited_on",
        seal_under=(_VISIT,),
        unique=("visit_no",),
        requirements=("R41", "R42", "R60"),
    ),
    EventType(
        name="dibao.campaign.talked_to.v1",
        readable=TalkedTo[Person, FreeText],
        model=TalkedTo[ProtectedPerson, _T],
        key=_TALK,
        business_date="talked_on",
        seal_under=(("person", "person_id"),),
        unique=("talk_no",),
        requirements=("R42",),
    ),
    EventType(
        name="dibao.campaign.met.v1",
        readable=Met[FreeText],
        model=Met[_T],
        key=_MEETING,
        business_date="met_on",
        seal_under=(_MEETING,),
        unique=("meeting_no",),
        requirements=("R44",),
    ),
    EventType(
        name="dibao.campaign.circulated.v1",
        readable=Circulated[FreeText],
        model=Circulated[_T],
        key=_CIRCULAR,
        business_date="circulated_on",
        seal_under=(_CIRCULAR,),
        unique=("circular_no",),
        requirements=("R62", "R67", "R69"),
    ),
    EventType(
        name="dibao.campaign.problem_found.v1",
        readable=ProblemFound[FreeText],
        model=ProblemFound[_T],
        key=_PROBLEM,
        business_date="found_on",
        seal_under=(_PROBLEM,),
        unique=("problem_no",),
        requirements=("R30", "R34", "R46", "R47"),
    ),
    EventType(
        name="dibao.campaign.anomaly_checked.v1",
        readable=AnomalyChecked[FreeText],
        model=AnomalyChecked[_T],
        key=_ANOMALY,
        business_date="checked_on",
        seal_under=(_ANOMALY,),
        requirements=("R30",),
    ),
    EventType(
        name="dibao.campaign.problem_rectified.v1",
        readable=ProblemRectified[FreeText],
        model=ProblemRectified[_T],
        key=_PROBLEM,
        business_date="rectified_on",
        seal_under=(_PROBLEM,),
        requirements=("R30", "R46", "R49"),
    ),
    EventType(
        name="dibao.campaign.problem_rechecked.v1",
        readable=ProblemRechecked[FreeText],
        model=ProblemRechecked[_T],
        key=_PROBLEM,
        business_date="rechecked_on",
        seal_under=(_PROBLEM,),
        requirements=("R47", "R49"),
    ),
    EventType(
        name="dibao.campaign.ledger_submitted.v1",
        readable=LedgerSubmitted[FreeText],
        model=LedgerSubmitted[_T],
        key=_SUBMISSION,
        business_date="submitted_on",
        seal_under=(_SUBMISSION,),
        unique=("submission_no",),
        requirements=("R61", "R64"),
    ),
    EventType(
        name="dibao.campaign.project_started.v1",
        readable=ProjectStarted[FreeText],
        model=ProjectStarted[_T],
        key=_PROJECT,
        business_date="started_on",
        seal_under=(_PROJECT,),
        unique=("project_no",),
        requirements=("R43", "R63"),
    ),
    EventType(
        name="dibao.campaign.project_reported.v1",
        readable=ProjectReported[FreeText],
        model=ProjectReported[_T],
        key=_PROJECT,
        business_date="reported_on",
        seal_under=(_PROJECT,),
        requirements=("R43", "R63"),
    ),
    EventType(
        name="dibao.campaign.trained.v1",
        readable=Trained,
        model=Trained,
        key=_TRAINING,
        business_date="trained_on",
        unique=("training_no",),
        requirements=("R5",),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.campaign.voided.v1",
        readable=CampaignVoided[Person, FreeText],
        model=CampaignVoided[ProtectedPerson, _T],
        seal_under=(
            ("person", "person_id"),
            *dict.fromkeys(entry.key for entry in _STATED),
        ),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
