"""A screening of a person at risk, with the household that its listing names, and the person's death."""

from functools import cached_property

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.screening import ScreeningListed
from services.detection.facts.vitals import Died
from services.detection.policy import Scope
from services.detection.subjects.household import scope_of
from services.detection.subjects.subject import Dossier, Neighbour, Subject


class Screening(Dossier):
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

    def died_by(self, day: str) -> bool:
        """Whether the person had died by a day."""
        listed = self.listed
        if listed is None:
            return False
        return any(died.date <= day for died in self.around("person:" + self.person(listed.person), Died))


SUBJECT = Subject(
    kind="screening",
    view=Screening,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled}),
            of={ScreeningListed: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
        Neighbour(
            kind="person",
            facts=frozenset({Died}),
            of={ScreeningListed: lambda fact: (fact.person,)},
        ),
    ),
)
