"""Surveys of how content people are, made by a third party (R54, R70). Key of all: ``survey_no``."""

from typing import Annotated, Generic, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT, Value
from events.values import Count, Day, Division, FreeText, Label, Number, Percent
from events.voids import SurveyVoided


class Question(Value):
    """One question of a questionnaire."""

    question_no: Number
    wording: Label


class Score(Value):
    """The points (out of 100) that somebody gives on a question."""

    question_no: Number
    points: Percent


class Designed(Fact):
    """A survey is decided on: its frame, its sample, and the seed from which the draw can be repeated."""

    survey_no: Number
    title: Label
    surveyor: Label
    """The third party."""
    frame: Count
    """From how many households the sample is drawn."""
    sample: Count
    seed: Count
    designed_on: Day
    questions: Annotated[list[Question], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sample > self.frame:
            raise unfit("not-more-than", field="sample", other="frame")
        return self


class Answered(Fact, Generic[PersonT, TextT]):
    """One household of the sample answered, or did not (R70)."""

    survey_no: Number
    answer_no: Number
    division: Division
    person: PersonT | None = None
    answered_on: Day
    result: Literal["answered", "refused", "not_reached"]
    """已答, 拒答, 未联系上."""
    satisfaction: Literal["very_satisfied", "satisfied", "fair", "dissatisfied"] | None = None
    """很满意, 满意, 一般, 不满意."""
    scores: Annotated[list[Score], Field(max_length=100)] = []
    remarks: TextT | None = None


_SURVEY = ("survey_no",)
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.survey.designed.v1",
        readable=Designed,
        model=Designed,
        key=_SURVEY,
        business_date="designed_on",
        unique=("survey_no",),
        requirements=("R54", "R70"),
    ),
    EventType(
        name="dibao.survey.answered.v1",
        readable=Answered[Person, FreeText],
        model=Answered[_P, _T],
        key=_SURVEY,
        business_date="answered_on",
        seal_under=(("person", "person_id"), _SURVEY),
        unique=("survey_no", "answer_no"),
        requirements=("R55", "R70"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.survey.voided.v1",
        readable=SurveyVoided[Person, FreeText],
        model=SurveyVoided[_P, _T],
        seal_under=(("person", "person_id"), _SURVEY),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
