"""Households that a subject reads beside itself, as they are by the latest closed day."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from propcache.api import cached_property

from services.detection.facts.enrollment import Enrolled, Exited, Member, MembersChanged
from services.detection.facts.fact import Body
from services.detection.policy import Scope
from services.detection.subjects.household import HouseholdState, scope_of
from services.detection.subjects.membership import Spell, Stay
from services.detection.subjects.subject import Dossier


def first_of(month: str) -> str:
    """Return the first day of a month, as text."""
    return month + "-01"


def by_numbers_now(view: Dossier, facts: Iterable[Any]) -> list[Any]:
    """Return what is said of who joins and leaves, with persons by the numbers that they have now."""
    return [*facts] if view.all_known_by_one else [_by_numbers_now(view, fact) for fact in facts]


def _by_numbers_now(view: Dossier, fact: Body) -> Body:
    if type(fact) is Enrolled:
        return replace(fact, members=_members(view, fact.members))
    if type(fact) is MembersChanged:
        removed = [view.person(person) for person in fact.removed]
        return replace(fact, added=_members(view, fact.added), removed=removed)
    if type(fact) is Exited and fact.persons is not None:
        return replace(fact, persons=[view.person(person) for person in fact.persons])
    return fact


def _members(view: Dossier, members: Iterable[Member]) -> list[Member]:
    return [replace(member, person=view.person(member.person)) for member in members]


class WithHouseholds(Dossier):
    """A view of a subject that reads households; what is dated after the closed day is not there yet.

    A household into which others were merged has the spells of all its numbers, each by what was stated under
    that number: that one of them left, as it did when it was merged, takes nobody out of another.
    """

    @cached_property
    def _spells(self) -> dict[str, list[Spell]]:
        return {}

    def spells(self, household_no: str) -> list[Spell]:
        """Return a household's spells, in whichever programme; those of merged households are its own."""
        number = self.household(household_no)
        found = self._spells.get(number)
        if found is None:
            found = self._spells[number] = self.spells_known(number)
        return found

    def spells_known(self, household_no: str, before: str | None = None) -> list[Spell]:
        """Return the spells as they were known before a day, by what had been decided."""
        return [
            spell
            for name in self._seen.identity.all("household:" + self.household(household_no))
            for spells in self._state(name, before).spells.values()
            for spell in spells
        ]

    def _state(self, name: str, before: str | None) -> HouseholdState:
        """Return what was stated under one number, with persons by the number that they have now."""
        stated = (
            fact
            for fact in self._seen.neighbours.get(name, ())
            if self._is_there(fact) and (before is None or fact.date < before)
        )
        return HouseholdState(by_numbers_now(self, stated))

    def stays(self, household_no: str, person: str) -> list[Stay]:
        """Return the times for which a person is a member, in whichever programme."""
        return self.stays_in(self.spells(household_no), person)

    def stays_in(self, spells: Iterable[Spell], person: str) -> list[Stay]:
        """Return the times for which a person is a member in some spells."""
        wanted = self.person(person)
        return [stay for spell in spells for stay in spell.stays if stay.person == wanted]

    def scope_in(self, household_no: str, division: str | None = None) -> Scope:
        """Return whom values are asked for: the household, in the division that a fact itself may name."""
        scope = scope_of(self.around("household:" + household_no, Enrolled))
        return Scope(division or scope.division, scope.programme)
