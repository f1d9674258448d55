"""Who is who: numbers put right, households joined, divided, moved (R26, R38).

A correction does not edit earlier facts: it says that two tokens are one person.
"""

from typing import Annotated, Generic, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed, TextT, Value
from events.values import Day, Division, FreeText, Label, Number
from events.voids import IdentityVoided


class Part(Value, Generic[PersonT]):
    """A household that comes of a division, and who is in it."""

    household_no: Number
    members: Annotated[list[PersonT], Field(min_length=1, max_length=50)]


class Corrected(Fact, Generic[PersonT, TextT]):
    """A person was known by another number or name: ``person`` as before, ``corrected`` as is right."""

    person: PersonT
    """The person as known before."""
    corrected: PersonT
    corrected_on: Day
    ground: Literal["typing_error", "number_found", "number_replaced", "name_changed", "two_numbers"]
    """录入错误, 补录身份证号, 证号变更, 更名, 一人两号."""
    document: Label | None = None
    reason: TextT | None = None


class HouseholdsMerged(Fact, Generic[TextT]):
    """Households become one, which keeps the number ``household_no``."""

    household_no: Number
    merged: Annotated[list[Number], Field(min_length=1, max_length=20)]
    """The numbers that are no longer used."""
    merged_on: Day
    reason: TextT | None = None

    @model_validator(mode="after")
    def _others(self) -> Self:
        if self.household_no in self.merged or len(set(self.merged)) != len(self.merged):
            raise unfit("other-households", field="merged")
        return self


class HouseholdSplit(Fact, Generic[PersonT, TextT]):
    """A household divides; ``household_no`` may go on as one of the parts."""

    household_no: Number
    parts: Annotated[list[Part[PersonT]], Field(min_length=2, max_length=20)]
    split_on: Day
    reason: TextT | None = None


class HouseholdMoved(Fact):
    """A household lives in another village from a day on; the number stays."""

    household_no: Number
    from_division: Division
    division: Division
    moved_on: Day


_HOUSEHOLD = ("household_no",)
_PERSON = ("person", "person_id")
_P: TypeAlias = ProtectedPerson
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.identity.corrected.v1",
        readable=Corrected[Person, FreeText],
        model=Corrected[_P, _T],
        key=_PERSON,
        business_date="corrected_on",
        seal_under=(_PERSON,),
        requirements=("R26", "R33", "R38"),
    ),
    EventType(
        name="dibao.identity.households_merged.v1",
        readable=HouseholdsMerged[FreeText],
        model=HouseholdsMerged[_T],
        key=_HOUSEHOLD,
        business_date="merged_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R26", "R38"),
    ),
    EventType(
        name="dibao.identity.household_split.v1",
        readable=HouseholdSplit[Person, FreeText],
        model=HouseholdSplit[_P, _T],
        key=_HOUSEHOLD,
        business_date="split_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R26", "R38"),
    ),
    EventType(
        name="dibao.identity.household_moved.v1",
        readable=HouseholdMoved,
        model=HouseholdMoved,
        key=_HOUSEHOLD,
        business_date="moved_on",
        requirements=("R9", "R26"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.identity.voided.v1",
        readable=IdentityVoided[Person, FreeText],
        model=IdentityVoided[_P, _T],
        seal_under=(_PERSON, _HOUSEHOLD),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
