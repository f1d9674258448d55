"""The care of a household's people without means, with who is a member, and who died."""

from functools import cached_property

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.fact import Body
from services.detection.facts.tekun import CareBegun
from services.detection.facts.vitals import Died
from services.detection.policy import Scope
from services.detection.subjects.beside import by_numbers_now
from services.detection.subjects.household import HouseholdState, scope_of
from services.detection.subjects.subject import Dossier, Neighbour, Subject


class Care(Dossier):
    """The care of one household's people, as of the latest closed day."""

    def scope_of(self, begun: CareBegun) -> Scope:
        """Return whom values are asked for: the household, in the division that the fact itself may name."""
        scope = scope_of(self.around(self._household, Enrolled))
        return Scope(begun.division or scope.division, scope.programme)

    def lists(self, person: str, month: str) -> bool:
        """Whether a person is a member in a month, in whichever programme."""
        return person in self._state.members(month)

    def died_by(self, person: str, day: str) -> bool:
        """Whether a person had died by a day."""
        return any(died.date <= day for died in self.around("person:" + person, Died))

    @property
    def _household(self) -> str:
        return "household:" + self.household(self.number)

    @cached_property
    def _state(self) -> HouseholdState:
        facts: list[Body] = []
        for kind in (Enrolled, MembersChanged, Exited):
            facts += self.around(self._household, kind)
        return HouseholdState(by_numbers_now(self, facts))


SUBJECT = Subject(
    kind="care",
    view=Care,
    number_of="household",
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={CareBegun: lambda fact: (fact.household_no,)},
        ),
        Neighbour(
            kind="person",
            facts=frozenset({Died}),
            of={CareBegun: lambda fact: (fact.person,)},
        ),
    ),
)
