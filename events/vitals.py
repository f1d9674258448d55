"""Deaths, as the death registration states them (R33)."""

from typing import Generic, Self

from pydantic import model_validator

from events.form import Fact, PersonT
from events.values import Day, Label


class Died(Fact, Generic[PersonT]):
    """A person died on ``died_on``; the registry wrote it down on ``registered_on``."""

    person: PersonT
    died_on: Day
    registered_on: Day
    registry: Label

    @model_validator(mode="after")
    def _registered_after(self) -> Self:
        if self.registered_on < self.died_on:
            raise ValueError("registered_on: expected the day of death or later")
        return self
