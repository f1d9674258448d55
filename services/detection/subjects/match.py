"""A comparison with another register, with the household of whom it is about."""

from propcache.api import cached_property

from services.detection.facts.enrollment import Compared, Enrolled, Exited, MembersChanged
from services.detection.policy import Scope
from services.detection.subjects.beside import WithHouseholds
from services.detection.subjects.household import scope_of
from services.detection.subjects.subject import Neighbour, Subject


class Match(WithHouseholds):
    """A comparison, as of the latest closed day."""

    @cached_property
    def statements(self) -> list[Compared]:
        """What was said of it, in order of (time, event id): all statements share their business date."""
        return sorted(self.of(Compared), key=lambda fact: (fact.time, fact.event_id))

    @cached_property
    def household_no(self) -> str | None:
        """The household of the person, as the last statement has it."""
        return self.household(self.statements[-1].household_no) if self.statements else None

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: the household of the person."""
        if not self.statements:
            return Scope()
        scope = scope_of(self.around(f"household:{self.household_no}", Enrolled))
        return Scope(self.statements[-1].division or scope.division, scope.programme)

    def has_left(self, before: str) -> bool:
        """Whether it was decided before a day that the person leaves all that they were in."""
        assert self.household_no is not None
        spells = self.spells_known(self.household_no, before)
        stays = self.stays_in(spells, self.statements[-1].person)
        return bool(stays) and all(stay.to_month is not None for stay in stays)


SUBJECT = Subject(
    kind="match",
    view=Match,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={Compared: lambda fact: (fact.household_no,)},
        ),
        Neighbour(kind="person", facts=frozenset(), of={Compared: lambda fact: (fact.person,)}),
    ),
)
