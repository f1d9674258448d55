"""Clues to misconduct, on two tracks, and what became of them (R48, R51, R66, R68; B1-B8).

``civil_affairs``: 地方各级民政部门; ``discipline``: 驻民政部门纪检监察组. Who accuses is never shown to the
accused. Key of all: ``clue_no``.
"""

from typing import Annotated, Generic, Literal, TypeAlias

from pydantic import Field

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT, Value
from events.values import Day, FreeText, Label, Number
from events.voids import CluesVoided


class Concerned(Value, Generic[PersonT]):
    """A person whom a clue concerns."""

    person: PersonT
    cadre: bool
    """Whether the person is a cadre (干部, B4)."""
    official_no: Number | None = None
    post: Label | None = None


class Received(Fact, Generic[PersonT, TextT]):
    """A clue came in (B1, B6)."""

    clue_no: Number
    track: Literal["civil_affairs", "discipline"]
    """民政部门, 纪检监察."""
    origin: Literal["found", "reported", "petition", "inspection", "audit", "other_office"]
    """自行发现, 群众举报, 信访, 巡察, 审计, 其他部门移交."""
    kind: Literal[
        "favouritism",
        "misappropriation",
        "extortion",
        "paper_rectification",
        "inaction",
        "bad_attitude",
        "obstruction",
        "crude_manner",
        "poor_service",
        "poor_explanation",
        "other",
    ]
    """优亲厚友, 截留挪用, 吃拿卡要, 虚假整改 (R49), 不担当不作为, 脸难看, 事难办 (R48), 工作方式简单,
    服务意识不强, 政策解释不到位 (R51), 其他."""
    received_on: Day
    named: bool
    """Whether the informant gave a name (实名): such a report is answered."""
    informant: PersonT | None = None
    concerned: Annotated[list[Concerned[PersonT]], Field(max_length=50)] = []
    household_no: Number | None = None
    petition_no: Number | None = None
    content: TextT


class Verified(Fact, Generic[TextT]):
    """A clue was looked into (查证, B2)."""

    clue_no: Number
    verified_on: Day
    verified_by: Label
    result: Literal["substantiated", "partly", "unsubstantiated"]
    """属实, 部分属实, 不属实."""
    informant_answered_on: Day | None = None
    findings: TextT | None = None


class Transferred(Fact, Generic[PersonT, TextT]):
    """Civil affairs hand a clue over to discipline inspection at the same level (移交, B3, B4)."""

    clue_no: Number
    transferred_on: Day
    to_body: Label
    cadres: Annotated[list[PersonT], Field(max_length=50)] = []
    """The cadres that it concerns (B4 counts them)."""
    reason: TextT | None = None


class TakenOver(Fact):
    """Discipline inspection confirms that it has a clue from civil affairs (B5)."""

    clue_no: Number
    own_no: Number
    """The number that the clue has with discipline inspection."""
    taken_over_on: Day
    body: Label


class CaseOpened(Fact, Generic[PersonT]):
    """A case is opened (立案调查, B7)."""

    clue_no: Number
    case_no: Number
    opened_on: Day
    body: Label
    investigated: Annotated[list[PersonT], Field(max_length=50)] = []


class HeldAccountable(Fact, Generic[PersonT, TextT]):
    """A cadre is held accountable (问责, B8, R68). A human decides, and says on what basis."""

    clue_no: Number
    case_no: Number | None = None
    person: PersonT
    """The cadre."""
    post: Label | None = None
    decided_on: Day
    authority: Label
    measure: Literal["talk", "criticism", "warning", "demotion", "dismissal", "prosecution", "other"]
    """谈话提醒, 通报批评, 警告记过, 降级撤职, 开除, 移送司法, 其他."""
    intent: bool
    """Whether it was done on purpose (主观故意)."""
    basis: Label
    """The rule that the decision rests on."""
    reason: TextT | None = None


class Exempted(Fact, Generic[PersonT, TextT]):
    """A cadre is not held accountable, for stated grounds (容错纠错, R68). A human decides."""

    clue_no: Number
    case_no: Number | None = None
    person: PersonT
    """The cadre."""
    decided_on: Day
    authority: Label
    grounds: Annotated[
        list[Literal["objective_cause", "exploration", "early_trial", "prompt_correction"]],
        Field(min_length=1, max_length=4),
    ]
    """客观原因, 探索创新, 先行先试, 及时纠正."""
    basis: Label
    reason: TextT


_CLUE = ("clue_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.clues.received.v1",
        readable=Received[Person, FreeText],
        model=Received[_P, _T],
        key=_CLUE,
        business_date="received_on",
        seal_under=(_CLUE,),
        unique=("clue_no",),
        requirements=("R48", "R51", "R66"),
    ),
    EventType(
        name="dibao.clues.verified.v1",
        readable=Verified[FreeText],
        model=Verified[_T],
        key=_CLUE,
        business_date="verified_on",
        seal_under=(_CLUE,),
        requirements=("R66",),
    ),
    EventType(
        name="dibao.clues.transferred.v1",
        readable=Transferred[Person, FreeText],
        model=Transferred[_P, _T],
        key=_CLUE,
        business_date="transferred_on",
        seal_under=(_CLUE,),
        requirements=("R66",),
    ),
    EventType(
        name="dibao.clues.taken_over.v1",
        readable=TakenOver,
        model=TakenOver,
        key=_CLUE,
        business_date="taken_over_on",
        requirements=("R66",),
    ),
    EventType(
        name="dibao.clues.case_opened.v1",
        readable=CaseOpened[Person],
        model=CaseOpened[_P],
        key=_CLUE,
        business_date="opened_on",
        unique=("clue_no", "case_no"),
        requirements=("R66",),
    ),
    EventType(
        name="dibao.clues.held_accountable.v1",
        readable=HeldAccountable[Person, FreeText],
        model=HeldAccountable[_P, _T],
        key=_CLUE,
        business_date="decided_on",
        seal_under=(_CLUE,),
        requirements=("R66", "R68"),
    ),
    EventType(
        name="dibao.clues.exempted.v1",
        readable=Exempted[Person, FreeText],
        model=Exempted[_P, _T],
        key=_CLUE,
        business_date="decided_on",
        seal_under=(_CLUE,),
        requirements=("R68",),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.clues.voided.v1",
        readable=CluesVoided[Person, FreeText],
        model=CluesVoided[_P, _T],
        seal_under=(_CLUE,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
