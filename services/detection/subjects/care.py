"""The care of a household's people without means, with who is a member, and who died."""

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.tekun import CareBegun
from services.detection.facts.vitals import Died
from services.detection.subjects.beside import WithHouseholds
from services.detection.subjects.subject import Neighbour, Subject


class Care(WithHouseholds):
    """The care of one household's people, as of the latest closed day."""

    def lists(self, person: str, month: str) -> bool:
        """Whether a person is a member in a month, in whichever programme."""
        return any(stay.covers(month) for stay in self.stays(self.number, person))

    def died_by(self, person: str, day: str) -> bool:
        """Whether a person had died by a day."""
        return any(died.date <= day for died in self.around("person:" + person, Died))


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
