"""A custody: its grants and ends, the households that its grants name, and the latest closed day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.detection.facts.custody import Ended, Granted
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.fact import Body
from services.detection.subjects.household import HouseholdView
from services.detection.subjects.subject import Lasting, Neighbour, Seen, Subject, ordered


@dataclass
class CustodyView:
    """A custody: its own facts, the households that its grants name, and the latest closed day."""

    custody_no: str
    facts: Sequence[Body]
    households: Mapping[str, HouseholdView]
    closed: str | None = None

    def __post_init__(self) -> None:
        self.grants: list[Granted] = ordered(fact for fact in self.facts if type(fact) is Granted)
        self.ends: list[Ended] = [fact for fact in self.facts if type(fact) is Ended]

    @classmethod
    def of(cls, seen: Seen) -> "CustodyView":
        """Return the view of a custody that was read."""
        facts = list(seen.facts())
        named = {fact.household_no for fact in facts if type(fact) is Granted}
        households = {
            number: HouseholdView(number, Lasting(seen.neighbours.get("household:" + number, ())))
            for number in sorted(named)
        }
        return cls(seen.number, facts, households, seen.closed)


SUBJECT = Subject(
    kind="custody",
    view=CustodyView.of,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={Granted: lambda fact: (fact.household_no,)},
        ),
    ),
)
