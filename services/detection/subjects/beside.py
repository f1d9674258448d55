"""Households that a subject reads beside itself, as they are by the latest closed day."""

from functools import cached_property

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.policy import Scope
from services.detection.subjects.household import HouseholdState, scope_of
from services.detection.subjects.membership import Spell, Stay
from services.detection.subjects.subject import Dossier


def first_of(month: str) -> str:
    """Return the first day of a month, as text."""
    return month + "-01"


class WithHouseholds(Dossier):
    """A view of a subject that reads households; what is dated after the closed day is not there yet."""

    @cached_property
    def _states(self) -> dict[str, HouseholdState]:
        return {}

    def state(self, household_no: str) -> HouseholdState:
        """Return a household's spells and members."""
        number = self.household(household_no)
        found = self._states.get(number)
        if found is None:
            name = "household:" + number
            found = self._states[number] = HouseholdState(
                [
                    *self.around(name, Enrolled),
                    *self.around(name, MembersChanged),
                    *self.around(name, Exited),
                ]
            )
        return found

    def spells(self, household_no: str) -> list[Spell]:
        """Return a household's spells, in whichever programme."""
        return [spell for spells in self.state(household_no).spells.values() for spell in spells]

    def stays(self, household_no: str, person: str) -> list[Stay]:
        """Return the times for which a person is a member, in whichever programme."""
        wanted = self.person(person)
        return [
            stay
            for spell in self.spells(household_no)
            for stay in spell.stays
            if self.person(stay.person) == wanted
        ]

    def scope_in(self, household_no: str, division: str | None = None) -> Scope:
        """Return whom values are asked for: the household, in the division that a fact itself may name."""
        scope = scope_of(self.around("household:" + self.household(household_no), Enrolled))
        return Scope(division or scope.division, scope.programme)
