"""The social assistance hotline: who was on duty, who called, what became of it, and samples (R52-R55)."""

from typing import Generic, Literal, Self, TypeAlias

from pydantic import model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT
from events.values import Count, Day, DayAhead, FreeText, Instant, InstantAhead, Label, Number, Percent
from events.voids import HotlineVoided


class Rostered(Fact):
    """An official is on duty at a line (值守, R52)."""

    duty_no: Number
    line: Label
    official_no: Number
    begins_at: InstantAhead
    ends_at: InstantAhead

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.begins_at:
            raise unfit("later-than", field="ends_at", other="begins_at")
        return self


class Called(Fact, Generic[PersonT, TextT]):
    """Somebody called (R52); ``picked_up`` says whether anybody answered the telephone."""

    call_no: Number
    line: Label
    called_at: Instant
    picked_up: bool
    picked_up_by: Number | None = None
    """``official_no`` of whoever took the call."""
    caller: PersonT | None = None
    matter_code: Number | None = None
    due_on: DayAhead | None = None
    """The last day for the reply to what was asked (R53)."""
    matter: TextT | None = None


class Answered(Fact, Generic[TextT]):
    """What was asked in a call was answered (R53, R55), also where a missed call was called back."""

    call_no: Number
    answered_at: Instant
    answered_by: Number | None = None
    """``official_no``."""
    called_back: bool
    resolved: bool
    """Whether the caller's reasonable demand was met (R55)."""
    answer: TextT | None = None


class Sampled(Fact, Generic[TextT]):
    """A third party listened to a call again, or rang the caller (R54): how it was drawn, and the score."""

    sample_no: Number
    call_no: Number
    sampler: Label
    """The third party."""
    frame: Count
    """From how many calls the sample was drawn."""
    seed: Count
    """The number from which the draw can be repeated."""
    sampled_on: Day
    score: Percent
    """Points out of 100."""
    attitude: Literal["good", "fair", "poor"] | None = None
    """好, 一般, 差."""
    findings: TextT | None = None


_CALL, _DUTY = ("call_no",), ("duty_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.hotline.rostered.v1",
        readable=Rostered,
        model=Rostered,
        key=_DUTY,
        business_date="begins_at",
        unique=("duty_no",),
        requirements=("R52",),
    ),
    EventType(
        name="dibao.hotline.called.v1",
        readable=Called[Person, FreeText],
        model=Called[_P, _T],
        key=_CALL,
        business_date="called_at",
        seal_under=(("caller", "person_id"), _CALL),
        unique=("call_no",),
        requirements=("R52", "R53"),
    ),
    EventType(
        name="dibao.hotline.answered.v1",
        readable=Answered[FreeText],
        model=Answered[_T],
        key=_CALL,
        business_date="answered_at",
        seal_under=(_CALL,),
        requirements=("R53", "R55"),
    ),
    EventType(
        name="dibao.hotline.sampled.v1",
        readable=Sampled[FreeText],
        model=Sampled[_T],
        key=_CALL,
        business_date="sampled_on",
        seal_under=(_CALL,),
        unique=("sample_no",),
        requirements=("R54",),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.hotline.voided.v1",
        readable=HotlineVoided[Person, FreeText],
        model=HotlineVoided[_P, _T],
        seal_under=(("caller", "person_id"), _CALL, _DUTY),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
