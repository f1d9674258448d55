"""Who asks for the allowance and who receives it: application to exit (R2, R14-R25, R36, R50).

Key of all: ``household_no``. A household has its number from its application on.
"""

from collections.abc import Sequence
from typing import Annotated, Generic, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import (
    Account,
    AccountT,
    Fact,
    Person,
    PersonT,
    ProtectedAccount,
    ProtectedPerson,
    Sealed,
    TextT,
    Value,
)
from events.values import (
    Count,
    Day,
    DayAhead,
    Division,
    Fen,
    FenOrNone,
    FreeText,
    Label,
    Month,
    Number,
    Programme,
)
from events.voids import EnrollmentVoided


class Member(Value, Generic[PersonT]):
    """A member of a household; ``entitlement_fen`` is this member's own part (分 a month), if known."""

    person: PersonT
    relation: Label
    entitlement_fen: Fen | None = None
    """The member's own part a month, where it is known."""


class Removal(Value, Generic[PersonT, TextT]):
    """A member who leaves a household that goes on."""

    person: PersonT
    reason: TextT


class Component(Value, Generic[PersonT]):
    """The part of the household's entitlement that is one member's (分 a month)."""

    person: PersonT
    entitlement_fen: Fen
    """The member's part a month."""


def _differ(persons: Sequence[object]) -> bool:
    identities = [
        getattr(person, "person_id", None)
        or (getattr(person, "id_number", None), getattr(person, "local_no", None))
        for person in persons
    ]
    return len(set(identities)) == len(identities)


class Enrolled(Fact, Generic[PersonT, AccountT]):
    """A household begins to receive a programme (新纳入, A2). Amount in 分 a month for the household."""

    household_no: Number
    programme: Programme
    division: Division
    members: Annotated[list[Member[PersonT]], Field(min_length=1, max_length=50)]
    """Who receives, each person once."""
    account: AccountT
    from_month: Month
    entitlement_fen: Fen
    route: Literal["ordinary", "single_person", "epidemic"]
    """普通, 参照单人户 (A2a), 受疫情影响 (A2b)."""
    decided_on: Day
    application_no: Number | None = None
    """The application that this decision grants; with it the clock of R36 and R50 can be read."""

    @model_validator(mode="after")
    def _members_differ(self) -> Self:
        if not _differ([member.person for member in self.members]):
            raise unfit("persons-once", field="members")
        return self


class MembersChanged(Fact, Generic[PersonT, TextT]):
    """Members join or leave a household that goes on. A removal here is not an exit (退出) of Annex 2."""

    household_no: Number
    programme: Programme
    from_month: Month
    added: Annotated[list[Member[PersonT]], Field(max_length=50)] = []
    removed: Annotated[list[Removal[PersonT, TextT]], Field(max_length=50)] = []
    entitlement_fen: Fen | None = None
    """The household's new monthly amount; left out: as before."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.added and not self.removed:
            raise unfit("somebody-added-or-removed")
        if not _differ([*(each.person for each in self.added), *(each.person for each in self.removed)]):
            raise unfit("persons-added-or-removed-once")
        return self


class EntitlementAdjusted(Fact, Generic[PersonT, TextT]):
    """The household's monthly amount changes (分), with the members' parts where they are known."""

    household_no: Number
    programme: Programme
    from_month: Month
    entitlement_fen: Fen
    """The household's new monthly amount."""
    components: Annotated[list[Component[PersonT]], Field(max_length=50)] | None = None
    reason: TextT


class AccountChanged(Fact, Generic[AccountT]):
    """The household's allowance goes to another account from a month on."""

    household_no: Number
    programme: Programme
    account: AccountT
    from_month: Month


class Exited(Fact, Generic[PersonT]):
    """A household, or some of its members, leave the programme (退出, A1)."""

    household_no: Number
    programme: Programme
    scope: Literal["household", "member"]
    """整户, 部分成员."""
    members: Annotated[list[PersonT], Field(min_length=1, max_length=50)] | None = None
    """Who leaves, with scope ``member``; left out with scope ``household``, where all leave."""
    exit_kind: Literal["favour", "policy", "death", "other"]
    """关系保或人情保 (A1a), 政策保 (A1b), 死亡 (A1c), 其他 (A1d)."""
    stop_month: Month
    decided_on: Day
    found_on: Day | None = None
    """When it was found that the conditions no longer hold: finding to exit, in days (R15)."""

    @model_validator(mode="after")
    def _members_where_members_leave(self) -> Self:
        if self.scope == "member" and not self.members:
            raise unfit("members-who-leave", field="members")
        if self.scope == "household" and self.members:
            raise unfit("no-members-all-leave", field="members")
        if not _differ(self.members or ()):
            raise unfit("persons-once", field="members")
        return self


class Applied(Fact, Generic[PersonT, TextT]):
    """A household asks for a programme (R36, R50): the statutory clock starts on ``applied_on``."""

    application_no: Number
    household_no: Number
    programme: Programme
    division: Division
    applicant: PersonT
    person_count: Annotated[int, Field(ge=1, le=50)]
    """How many persons ask together."""
    applied_on: Day
    channel: Literal["window", "online", "proxy", "discovered"]
    """窗口, 网上, 代办, 主动发现."""
    kin_of_official: bool
    """Whether the household declares a near relative among the handling staff or village committee (R16)."""
    delegated: bool = False
    """Whether the township decides in the county's place: 20 working days in all instead of 30."""
    reason: TextT | None = None


class Investigated(Fact, Generic[TextT]):
    """One step of the investigation of an application is done (R14, R50); within 3 working days."""

    application_no: Number
    household_no: Number
    programme: Programme
    kind: Literal["household_visit", "neighbourhood", "information_check", "democratic_review"]
    """入户调查, 邻里访问, 信息核对, 民主评议."""
    investigated_on: Day
    investigators: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of those who did it."""
    result: Literal["eligible", "not_eligible", "doubtful"]
    """符合条件, 不符合条件, 存疑."""
    per_capita_income_fen: FenOrNone | None = None
    """Income a person and month, in 分."""
    findings: TextT | None = None


class Compared(Fact, Generic[PersonT, TextT]):
    """The checking system compared a person with another register and found something, or nothing (R14)."""

    comparison_no: Number
    household_no: Number
    person: PersonT
    compared_on: Day
    compared_with: Label
    """The other register: 车辆, 不动产, 工商, 公积金 …"""
    item: Literal["vehicle", "property", "business", "wages", "deposits", "pension", "death", "other"]
    """车辆, 房产, 工商登记, 工资, 存款, 养老金, 死亡, 其他."""
    hit: bool
    amount_fen: FenOrNone | None = None
    """What the other register says it amounts to."""
    reviewed_by: Number | None = None
    """``official_no`` of the reviewer."""
    reviewed_on: Day | None = None
    review: Literal["pending", "confirmed", "excluded"] = "pending"
    """待复核, 属实, 排除."""
    remarks: TextT | None = None


class Publicised(Fact):
    """An application stands on the notice board (R50): 7 days before the decision."""

    application_no: Number
    household_no: Number
    programme: Programme
    stage: Literal["review", "decision"]
    """审核公示, 审批后公示."""
    posted_on: Day
    removed_on: Day | None = None
    place: Label
    objections: Count = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.removed_on is not None and self.removed_on < self.posted_on:
            raise unfit("not-before", field="removed_on", other="posted_on")
        return self


class Refused(Fact, Generic[TextT]):
    """An application is refused (R19, R50); the written notice is due within 3 working days."""

    application_no: Number
    household_no: Number
    programme: Programme
    refused_on: Day
    ground: Literal["income", "property", "residence", "false_statement", "no_cooperation", "other"]
    """收入超标, 财产超标, 户籍居住不符, 隐瞒虚报, 拒绝核查, 其他."""
    notified_on: Day | None = None
    reason: TextT


class Reviewed(Fact, Generic[TextT]):
    """A household that receives, or did, is looked at again (R15, R18, R20)."""

    review_no: Number
    household_no: Number
    programme: Programme
    kind: Literal["periodic", "look_back", "follow_up", "complaint", "random"]
    """定期复核, 回头看, 退出后跟踪 (R20), 投诉核查, 随机抽查."""
    reviewed_on: Day
    reviewers: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of those who did it."""
    income_class: Literal["stable", "unstable", "able_bodied"] | None = None
    """收入稳定 (yearly), 不稳定, 有劳动能力 (half-yearly)."""
    outcome: Literal["continue", "increase", "decrease", "stop", "enrol_again"]
    """继续保障, 提标, 降标, 停保, 重新纳入."""
    next_due_on: DayAhead | None = None
    findings: TextT | None = None


class GraceGranted(Fact):
    """The household goes on receiving for a while although it earns now (渐退期): at most 6 months (R20)."""

    household_no: Number
    programme: Programme
    from_month: Month
    to_month: Month
    """The last month of the grace period."""
    cause: Literal["employment", "income"]
    """就业, 收入增加."""
    decided_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_month < self.from_month:
            raise unfit("not-before", field="to_month", other="from_month")
        return self


_HOUSEHOLD = ("household_no",)
_P: TypeAlias = ProtectedPerson
_A: TypeAlias = ProtectedAccount
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.enrollment.applied.v1",
        readable=Applied[Person, FreeText],
        model=Applied[_P, _T],
        key=_HOUSEHOLD,
        business_date="applied_on",
        seal_under=(_HOUSEHOLD,),
        unique=("application_no",),
        requirements=("R16", "R36", "R50"),
    ),
    EventType(
        name="dibao.enrollment.investigated.v1",
        readable=Investigated[FreeText],
        model=Investigated[_T],
        key=_HOUSEHOLD,
        business_date="investigated_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R14", "R50"),
    ),
    EventType(
        name="dibao.enrollment.compared.v1",
        readable=Compared[Person, FreeText],
        model=Compared[_P, _T],
        key=_HOUSEHOLD,
        business_date="compared_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R14",),
    ),
    EventType(
        name="dibao.enrollment.publicised.v1",
        readable=Publicised,
        model=Publicised,
        key=_HOUSEHOLD,
        business_date="posted_on",
        requirements=("R50",),
    ),
    EventType(
        name="dibao.enrollment.refused.v1",
        readable=Refused[FreeText],
        model=Refused[_T],
        key=_HOUSEHOLD,
        business_date="refused_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R19", "R50"),
    ),
    EventType(
        name="dibao.enrollment.enrolled.v1",
        readable=Enrolled[Person, Account],
        model=Enrolled[_P, _A],
        key=_HOUSEHOLD,
        business_date="decided_on",
        unique=("household_no", "programme", "from_month"),
        requirements=("R2", "R19", "R22", "R25", "R36"),
    ),
    EventType(
        name="dibao.enrollment.members_changed.v1",
        readable=MembersChanged[Person, FreeText],
        model=MembersChanged[_P, _T],
        key=_HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
        requirements=("R15",),
    ),
    EventType(
        name="dibao.enrollment.entitlement_adjusted.v1",
        readable=EntitlementAdjusted[Person, FreeText],
        model=EntitlementAdjusted[_P, _T],
        key=_HOUSEHOLD,
        seal_under=(_HOUSEHOLD,),
        requirements=("R29",),
    ),
    EventType(
        name="dibao.enrollment.account_changed.v1",
        readable=AccountChanged[Account],
        model=AccountChanged[_A],
        key=_HOUSEHOLD,
        requirements=("R27",),
    ),
    EventType(
        name="dibao.enrollment.reviewed.v1",
        readable=Reviewed[FreeText],
        model=Reviewed[_T],
        key=_HOUSEHOLD,
        business_date="reviewed_on",
        seal_under=(_HOUSEHOLD,),
        unique=("review_no",),
        requirements=("R15", "R18", "R20"),
    ),
    EventType(
        name="dibao.enrollment.grace_granted.v1",
        readable=GraceGranted,
        model=GraceGranted,
        key=_HOUSEHOLD,
        business_date="decided_on",
        requirements=("R20",),
    ),
    EventType(
        name="dibao.enrollment.exited.v1",
        readable=Exited[Person],
        model=Exited[_P],
        key=_HOUSEHOLD,
        business_date="decided_on",
        requirements=("R15", "R33"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.enrollment.voided.v1",
        readable=EnrollmentVoided[Person, Account, FreeText],
        model=EnrollmentVoided[_P, _A, _T],
        seal_under=(_HOUSEHOLD,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
