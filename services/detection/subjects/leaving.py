"""A household as one that left, by the number that is stated: what it had, and how its members go on."""

from collections.abc import Iterable

from services.detection.facts.enrollment import Change, Enrolled, Listed, MembersChanged
from services.detection.subjects.benefit import Benefit
from services.detection.subjects.beside import by_numbers_now
from services.detection.subjects.membership import joining
from services.detection.subjects.subject import Neighbour, Subject


class Leaving(Benefit):
    """A household as one that left, as of the latest closed day."""

    def changes(self) -> list[Change]:
        """Return the same with persons by the numbers that they have now."""
        return by_numbers_now(self, super().changes())

    def joined(self, persons: Iterable[str]) -> list[Listed]:
        """Return when some of its members were enrolled, or added, wherever that was."""
        names = {f"member:{self.person(person)}" for person in persons}
        return [fact for name in sorted(names) for fact in self.around(name, Listed)]


def _persons(fact: Change) -> list[str]:
    return [member.person for member in joining(fact)]


SUBJECT = Subject(
    kind="leaving",
    view=Leaving,
    neighbours=(
        Neighbour(
            kind="member",
            facts=frozenset({Listed}),
            of={Enrolled: _persons, MembersChanged: _persons},
        ),
    ),
)
