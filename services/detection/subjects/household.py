"""A household: its spells, members and grants of custody, payments of some months, and deaths and returns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from services.detection.facts.custody import Ended, Granted
from services.detection.facts.enrollment import Adjusted, Change, Enrolled, Exited, MembersChanged
from services.detection.facts.fact import Body, Names
from services.detection.facts.payments import Paid, Returned
from services.detection.facts.vitals import Died
from services.detection.policy import Policy, Scope
from services.detection.subjects.membership import Spell, Stay, joining, spells_of
from services.detection.subjects.subject import Neighbour, Seen, Subject

_CHANGES = frozenset({Enrolled, MembersChanged, Adjusted, Exited})


def _earliest(facts: Iterable[tuple[str, Died | Ended]]) -> dict[str, Died | Ended]:
    found: dict[str, Died | Ended] = {}
    for name, fact in facts:
        other = found.get(name)
        if other is None or (fact.date, fact.event_id) < (other.date, other.event_id):
            found[name] = fact
    return found


@dataclass
class HouseholdView:
    """A household: its enrolment facts and grants of custody, payments of some months, and neighbours' facts.

    ``neighbours``: deaths of persons, returns of payments, ends of custodies, in any order, more than needed.
    """

    household_no: str
    facts: Sequence[Body]
    neighbours: Sequence[Body] = ()
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        # Types are compared, for isinstance is slow on Structs: their metaclass is an ABCMeta.
        self.changes: list[Change] = []
        self.all_payments: list[Paid] = []
        grants: list[Granted] = []
        for fact in self.facts:
            if type(fact) is Paid:
                self.all_payments.append(fact)
            elif type(fact) in _CHANGES:
                self.changes.append(cast(Change, fact))
            elif type(fact) is Granted:
                grants.append(fact)
        self.grants = sorted(grants, key=lambda fact: (fact.date, fact.event_id))

    @classmethod
    def of(cls, seen: Seen) -> "HouseholdView":
        """Return the view of a household that was read."""
        return cls(seen.number, seen.facts, list(seen.around()), seen.policy)

    @cached_property
    def spells(self) -> dict[str, list[Spell]]:
        """The spells by programme, in order."""
        by_programme: dict[str, list[Change]] = defaultdict(list)
        for fact in self.changes:
            by_programme[fact.programme].append(fact)
        return {name: spells_of(changes) for name, changes in sorted(by_programme.items())}

    @cached_property
    def names(self) -> dict[str, list[Names]]:
        """Every name under which a person was enrolled or added."""
        found: dict[str, list[Names]] = defaultdict(list)
        for fact in self.changes:
            for member in joining(fact):
                found[member.person].append(member.names)
        return dict(found)

    @cached_property
    def division(self) -> str | None:
        """The village, as the latest enrolment says."""
        enrolments = [fact for fact in self.changes if type(fact) is Enrolled]
        latest = max(enrolments, key=lambda fact: (fact.date, fact.event_id), default=None)
        return latest.division if latest is not None else None

    @cached_property
    def deaths(self) -> dict[str, Died | Ended]:
        """The earliest death of each person."""
        return _earliest((fact.person, fact) for fact in self.neighbours if type(fact) is Died)

    @cached_property
    def ended(self) -> dict[str, Died | Ended]:
        """The earliest end of each custody."""
        return _earliest((fact.custody_no, fact) for fact in self.neighbours if type(fact) is Ended)

    @cached_property
    def returned(self) -> frozenset[str]:
        """The numbers of payments that came back."""
        return frozenset(fact.payment_no for fact in self.neighbours if type(fact) is Returned)

    def scope(self, programme: str) -> Scope:
        """Return whom values of policy are asked for: the household in one of its programmes."""
        return Scope(self.division, programme)

    def payments(self, without: Iterable[str] = ()) -> list[Paid]:
        """Return the live payments: those that did not come back."""
        if "returned" in without or not self.returned:
            return self.all_payments
        return [payment for payment in self.all_payments if payment.payment_no not in self.returned]

    def payments_by_month(self, without: Iterable[str] = ()) -> Mapping[tuple[str, str], list[Paid]]:
        """Return live payments by (programme, month paid for)."""
        found: dict[tuple[str, str], list[Paid]] = defaultdict(list)
        for payment in self.payments(without):
            found[payment.programme, payment.month].append(payment)
        return found

    def spell(self, programme: str, month: str) -> Spell | None:
        """Return the spell that covers a month."""
        return next((spell for spell in self.spells.get(programme, ()) if spell.covers(month)), None)

    def members(self, month: str) -> dict[str, Stay]:
        """Return the members of a month, in any programme."""
        found: dict[str, Stay] = {}
        for spells in self.spells.values():
            for spell in spells:
                found.update(spell.members(month))
        return found

    def everyone(self) -> set[str]:
        """Return anyone who ever was, or will be, a member in any programme."""
        return {stay.person for spells in self.spells.values() for spell in spells for stay in spell.stays}


def scope_of(enrolments: Sequence[Enrolled]) -> Scope:
    """Return whom values are asked for where a fact only names the household, by its enrolments in order.

    A household in two programmes is in none that a value could name.
    """
    programmes = {fact.programme for fact in enrolments}
    return Scope(
        enrolments[-1].division if enrolments else None,
        programmes.pop() if len(programmes) == 1 else None,
    )


def _joining(fact: Change) -> list[str]:
    return [member.person for member in joining(fact)]


SUBJECT = Subject(
    kind="household",
    view=HouseholdView.of,
    neighbours=(
        Neighbour(
            kind="person",
            facts=frozenset({Died}),
            of={Enrolled: _joining, MembersChanged: _joining},
        ),
        Neighbour(
            kind="payment",
            facts=frozenset({Returned}),
            of={Paid: lambda fact: (fact.payment_no,)},
        ),
        Neighbour(
            kind="custody",
            facts=frozenset({Ended}),
            of={Granted: lambda fact: (fact.custody_no,)},
        ),
    ),
    scoped_by={Enrolled: lambda fact: Scope(fact.division, fact.programme)},
)
