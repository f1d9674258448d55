"""Screening (摸排): who may need help and does not have it, and whether those who have it still qualify.

One screening of a person, or of a household that receives, has one ``screening_no`` from its listing to its
outcome (R10, R11, R18-R22). Key of all: ``screening_no``.
"""

from typing import Annotated, Generic, Literal, TypeAlias

from pydantic import Field

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Count, Day, Division, FenChange, FenOrNone, FreeText, Label, Number, Programme
from events.voids import ScreeningVoided

Category = Literal[
    "unstable_after_poverty",
    "marginal",
    "illness",
    "disaster",
    "epidemic",
    "accident",
    "severe_disability",
    "severe_illness",
    "uninsured_unemployed",
]
"""脱贫不稳定人口, 边缘易致贫人口, 因病, 因灾, 因疫情, 因意外事故 (R18), 重残,
重病 (R22), 未参保失业 (R23)."""


class Listed(Fact, Generic[PersonT]):
    """A person stands on a list of people at risk and is to be screened (R6, R14, R18)."""

    screening_no: Number
    person: PersonT
    household_no: Number | None = None
    division: Division
    category: Category
    """Why the person may be in need (R18, R22, R23)."""
    listed_on: Day
    list_name: Label
    """Whose list: 防返贫监测, 残联, 医保, 村(社区)上报 …"""


class Visited(Fact, Generic[TextT]):
    """Somebody went to see the person or household (R18)."""

    screening_no: Number
    visited_on: Day
    visitors: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of the visitors."""
    met: bool
    """Whether somebody was met."""
    remarks: TextT | None = None


class Assessed(Fact, Generic[TextT]):
    """What the person can do and lives on, and which policies apply to them (R18, R21, R22)."""

    screening_no: Number
    assessed_on: Day
    labour: Literal["able", "weak", "none"]
    """有劳动能力, 弱劳动能力, 无劳动能力."""
    earning: Literal["steady", "weak", "none"]
    """持续增收能力: 强, 弱, 无."""
    relapse_risk: Literal["none", "low", "medium", "high"]
    """返贫风险: 无, 低, 中, 高."""
    per_capita_income_fen: FenOrNone | None = None
    """Income a person and month, in 分."""
    income_change_fen: FenChange | None = None
    """Against a year ago, in 分 a person and month."""
    expense_change_fen: FenChange | None = None
    policies: Annotated[list[Number], Field(max_length=50)] = []
    """``policy_no`` of the policies whose conditions the person meets (R21)."""
    remarks: TextT | None = None


class Concluded(Fact, Generic[TextT]):
    """What came of a screening (R19): which programme is offered, or why none."""

    screening_no: Number
    concluded_on: Day
    outcome: Literal["rural_dibao", "urban_dibao", "tekun", "temporary_relief", "watched", "not_eligible"]
    """农村低保, 城市低保, 特困供养, 临时救助, 继续监测, 不符合."""
    application_no: Number | None = None
    """The application that followed."""
    reason: TextT | None = None


class HouseholdChecked(Fact, Generic[TextT]):
    """A household that receives was gone over in the campaign (清查, R10, R11)."""

    screening_no: Number
    household_no: Number
    programme: Programme
    checked_on: Day
    checkers: Annotated[list[Number], Field(max_length=20)] = []
    """``official_no`` of the checkers (清查人)."""
    person_count: Count
    entitlement_fen: FenOrNone
    comparison: Literal["consistent", "inconsistent", "not_compared"]
    """比对一致, 比对不一致, 未比对."""
    conclusion: Literal["eligible", "not_eligible", "adjust", "doubtful"]
    """符合, 不符合, 调整金额, 存疑."""
    handling: TextT | None = None


_SCREENING = ("screening_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.screening.listed.v1",
        readable=Listed[Person],
        model=Listed[_P],
        key=_SCREENING,
        business_date="listed_on",
        unique=("screening_no",),
        requirements=("R6", "R18", "R20", "R25"),
    ),
    EventType(
        name="dibao.screening.visited.v1",
        readable=Visited[FreeText],
        model=Visited[_T],
        key=_SCREENING,
        business_date="visited_on",
        seal_under=(_SCREENING,),
        requirements=("R18",),
    ),
    EventType(
        name="dibao.screening.assessed.v1",
        readable=Assessed[FreeText],
        model=Assessed[_T],
        key=_SCREENING,
        business_date="assessed_on",
        seal_under=(_SCREENING,),
        requirements=("R18", "R21", "R22"),
    ),
    EventType(
        name="dibao.screening.concluded.v1",
        readable=Concluded[FreeText],
        model=Concluded[_T],
        key=_SCREENING,
        business_date="concluded_on",
        seal_under=(_SCREENING,),
        requirements=("R19", "R20", "R22", "R25"),
    ),
    EventType(
        name="dibao.screening.household_checked.v1",
        readable=HouseholdChecked[FreeText],
        model=HouseholdChecked[_T],
        key=_SCREENING,
        business_date="checked_on",
        seal_under=(_SCREENING,),
        unique=("screening_no",),
        requirements=("R9", "R10", "R11"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.screening.voided.v1",
        readable=ScreeningVoided[Person, FreeText],
        model=ScreeningVoided[_P, _T],
        seal_under=(_SCREENING,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
