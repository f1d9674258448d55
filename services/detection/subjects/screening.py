"""A screening of a person at risk, with what became of the person: help, a refusal, or their death.

Whether the person is a member of a household is read of the household that the listing names, and otherwise
of what names the person: that a household left as a whole names nobody.
"""

from collections.abc import Iterable
from typing import NamedTuple

from propcache.api import cached_property

from services.detection.facts.enrollment import (
    Enrolled,
    Exited,
    LeftHousehold,
    Listed,
    MembersChanged,
    Refused,
)
from services.detection.facts.fact import Body
from services.detection.facts.policy import PolicyIssued
from services.detection.facts.relief import Relieved
from services.detection.facts.screening import ScreeningAssessed, ScreeningConcluded, ScreeningListed
from services.detection.facts.vitals import Died
from services.detection.policy import Scope
from services.detection.subjects.beside import WithHouseholds
from services.detection.subjects.household import scope_of
from services.detection.subjects.subject import Neighbour, Subject


class Membership(NamedTuple):
    """A time for which the person is a member of a household, as far as it is known; ``since``: by what.

    ``told``: whether the listing names the household, so that nothing about it is unknown.
    """

    since: Body
    from_month: str
    to_month: str | None
    told: bool

    def covers(self, month: str) -> bool:
        """Whether the person is a member in a month."""
        return self.from_month <= month and (self.to_month is None or month < self.to_month)


class Screening(WithHouseholds):
    """A screening, as of the latest closed day."""

    @cached_property
    def listed(self) -> ScreeningListed | None:
        """Who was listed: what the last listing says."""
        return self.last(ScreeningListed)

    @property
    def household_no(self) -> str | None:
        """The household that the listing names, if it does."""
        return None if self.listed is None else self.listed.household_no

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its own division, and the programme of its household."""
        listed = self.listed
        if listed is None:
            return Scope()
        if listed.household_no is None:
            return Scope(listed.division)
        enrolments = self.around("household:" + self.household(listed.household_no), Enrolled)
        return Scope(listed.division, scope_of(enrolments).programme)

    def concluded(self) -> list[ScreeningConcluded]:
        """Return the conclusions that say what the last one does, since another one said otherwise."""
        found: list[ScreeningConcluded] = []
        for one in self.of(ScreeningConcluded):
            if found and found[-1].outcome != one.outcome:
                found = []
            found.append(one)
        return found

    def died_by(self, day: str) -> bool:
        """Whether the person had died by a day."""
        if self.listed is None:
            return False
        return any(died.date <= day for died in self.around("person:" + self._person, Died))

    def relieved(self) -> list[Relieved]:
        """Return the grants of temporary relief to the person."""
        return self.around("relief:" + self._person, Relieved)

    def refused(self, application_no: str) -> list[Refused]:
        """Return the refusals of an application."""
        return self.around("application:" + application_no, Refused)

    def policies(self, assessed: ScreeningAssessed) -> list[PolicyIssued]:
        """Return the policies that an assessment names, in order of their numbers."""
        return [one for number in assessed.policies for one in self.around("measure:" + number, PolicyIssued)]

    def memberships(self) -> list[Membership]:
        """Return the times for which the person is a member of a household, in whichever programme."""
        if self.listed is None:
            return []
        told = self.household_no and self.household(self.household_no)
        return [*self._of_household(told), *self._of_others(told)]

    @property
    def _person(self) -> str:
        return "" if self.listed is None else self.person(self.listed.person)

    def _of_household(self, number: str | None) -> Iterable[Membership]:
        if not number:
            return
        for stay in self.stays(number, self._person):
            yield Membership(stay.joined_by, stay.from_month, stay.to_month, told=True)

    def _of_others(self, told: str | None) -> Iterable[Membership]:
        name = "member:" + self._person
        left = self.around(name, LeftHousehold)
        for joined in self.around(name, Listed):
            if self.household(joined.household_no) != told:
                place = joined.household_no, joined.programme
                ends = [
                    fact.month
                    for fact in left
                    if (fact.household_no, fact.programme) == place and fact.month > joined.month
                ]
                yield Membership(joined, joined.month, min(ends, default=None), told=False)


SUBJECT = Subject(
    kind="screening",
    view=Screening,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={ScreeningListed: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
        Neighbour(
            kind="person",
            facts=frozenset({Died}),
            of={ScreeningListed: lambda fact: (fact.person,)},
        ),
        Neighbour(
            kind="member",
            facts=frozenset({Listed, LeftHousehold}),
            of={ScreeningListed: lambda fact: (fact.person,)},
        ),
        Neighbour(
            kind="relief",
            facts=frozenset({Relieved}),
            of={ScreeningListed: lambda fact: (fact.person,)},
        ),
        Neighbour(
            kind="application",
            facts=frozenset({Refused}),
            of={ScreeningConcluded: lambda fact: (fact.application_no,) if fact.application_no else ()},
        ),
        Neighbour(
            kind="measure",
            facts=frozenset({PolicyIssued}),
            of={ScreeningAssessed: lambda fact: fact.policies},
        ),
    ),
)
