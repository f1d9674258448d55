"""Petitions on social assistance since 2018: filed, dealt with, closed, filed again (R37-R45).

Clocks of the petition rules: routed within 15 days, closed within 60 (+30), re-examination and review each
30 days to ask and 30 to answer. Key of all: ``petition_no``.
"""

from typing import Generic, Literal, TypeAlias

from events.event_type import EventType
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Day, DayAhead, Division, FreeText, Label, Number
from events.voids import PetitionVoided


class Filed(Fact, Generic[PersonT, TextT]):
    """A petition was filed: ``complaint`` 投诉举报 or ``request`` 求助申请, on a matter with a code."""

    petition_no: Number
    petitioner: PersonT | None = None
    household_no: Number | None = None
    division: Division
    filed_on: Day
    channel: Label
    kind: Literal["complaint", "request"]
    """投诉举报 (C2), 求助申请 (C3)."""
    matter_code: Number
    matter: TextT


class Accepted(Fact):
    """An office takes a petition on (受理); ``due_on`` is the last day for the answer (R37)."""

    petition_no: Number
    accepted_on: Day
    handled_by: Label
    """The office that deals with it (承办)."""
    due_on: DayAhead


class Transferred(Fact, Generic[TextT]):
    """A petition goes on to another office (转办, R37, R44)."""

    petition_no: Number
    transferred_on: Day
    from_body: Label
    to_body: Label
    supervised: bool = False
    """Whether its handling is supervised: 督办, 直查直办 (R42)."""
    reason: TextT | None = None


class Answered(Fact, Generic[TextT]):
    """The petitioner was answered (答复, R37)."""

    petition_no: Number
    answered_on: Day
    answered_by: Label
    stage: Literal["first", "reexamination", "review"] = "first"
    """办理, 复查, 复核."""
    answer: TextT


class ReviewAsked(Fact, Generic[TextT]):
    """The petitioner is not content and asks the next higher office (复查, then 复核; R37)."""

    petition_no: Number
    asked_on: Day
    stage: Literal["reexamination", "review"]
    """复查, 复核."""
    reason: TextT | None = None


class Linked(Fact, Generic[TextT]):
    """Two petitions are said to be about the same matter (R38).

    A link stated by people, beside those that follow from the facts.
    """

    petition_no: Number
    earlier_petition_no: Number
    linked_on: Day
    ground: Literal["same_person", "same_household", "same_matter"]
    """同一信访人, 同一家庭, 同一事项."""
    linked_by: Number | None = None
    """``official_no`` of whoever found it."""
    remarks: TextT | None = None


class Closed(Fact, Generic[TextT]):
    """A petition was closed: ``settled`` 处置到位, ``not_settled``, or ``withdrawn`` (R39, R40, R45)."""

    petition_no: Number
    closed_on: Day
    outcome: Literal["settled", "not_settled", "withdrawn"]
    """处置到位, 未处置到位, 撤回."""
    evidence: TextT | None = None
    closed_by: Number | None = None
    """``official_no`` of whoever closed it (R40)."""
    confirmed_by: Number | None = None
    """``official_no`` of the second person who signed the closure (R40)."""


_PETITION = ("petition_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.petitions.filed.v1",
        readable=Filed[Person, FreeText],
        model=Filed[_P, _T],
        key=_PETITION,
        business_date="filed_on",
        seal_under=(("petitioner", "person_id"), ("household_no",), _PETITION),
        unique=("petition_no",),
        requirements=("R37", "R38", "R39", "R41", "R45"),
    ),
    EventType(
        name="dibao.petitions.accepted.v1",
        readable=Accepted,
        model=Accepted,
        key=_PETITION,
        business_date="accepted_on",
        requirements=("R37", "R55"),
    ),
    EventType(
        name="dibao.petitions.transferred.v1",
        readable=Transferred[FreeText],
        model=Transferred[_T],
        key=_PETITION,
        business_date="transferred_on",
        seal_under=(_PETITION,),
        requirements=("R37", "R42", "R44"),
    ),
    EventType(
        name="dibao.petitions.answered.v1",
        readable=Answered[FreeText],
        model=Answered[_T],
        key=_PETITION,
        business_date="answered_on",
        seal_under=(_PETITION,),
        requirements=("R37", "R55"),
    ),
    EventType(
        name="dibao.petitions.review_asked.v1",
        readable=ReviewAsked[FreeText],
        model=ReviewAsked[_T],
        key=_PETITION,
        business_date="asked_on",
        seal_under=(_PETITION,),
        requirements=("R37",),
    ),
    EventType(
        name="dibao.petitions.linked.v1",
        readable=Linked[FreeText],
        model=Linked[_T],
        key=_PETITION,
        business_date="linked_on",
        seal_under=(_PETITION,),
        requirements=("R38",),
    ),
    EventType(
        name="dibao.petitions.closed.v1",
        readable=Closed[FreeText],
        model=Closed[_T],
        key=_PETITION,
        business_date="closed_on",
        seal_under=(_PETITION,),
        requirements=("R37", "R39", "R40", "R45"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.petitions.voided.v1",
        readable=PetitionVoided[Person, FreeText],
        model=PetitionVoided[_P, _T],
        seal_under=(("petitioner", "person_id"), ("household_no",), _PETITION),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
