"""Deaths, as the death registration states them (R33). Key: the person."""

from typing import Generic, Self

from pydantic import model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Person, PersonT, ProtectedPerson, Sealed
from events.id_numbers import earliest_birth
from events.values import Day, FreeText, Label
from events.voids import DeathVoided


class Died(Fact, Generic[PersonT]):
    """A person died on ``died_on``; the registry wrote it down on ``registered_on``."""

    person: PersonT
    died_on: Day
    registered_on: Day
    registry: Label

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.registered_on < self.died_on:
            raise unfit("not-before-death", field="registered_on")
        id_number: str | None = getattr(self.person, "id_number", None)
        if id_number is not None and f"{self.died_on:%Y%m%d}" < earliest_birth(id_number):
            raise unfit("not-before-birth", field="died_on")
        return self


_PERSON = ("person", "person_id")

TYPES: tuple[EventType, ...] = (
    EventType(
        name="dibao.vitals.died.v1",
        readable=Died[Person],
        model=Died[ProtectedPerson],
        key=_PERSON,
        business_date="died_on",
        requirements=("R33",),
    ),
    EventType(
        name="dibao.vitals.voided.v1",
        readable=DeathVoided[Person, FreeText],
        model=DeathVoided[ProtectedPerson, Sealed],
        seal_under=(_PERSON,),
        undoes={"dibao.vitals.died.v1": _PERSON},
    ),
)
