"""What a rule sees of a subject: facts in memory, grouped once. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.detection.bodies import (
    Adjusted,
    Body,
    Change,
    Died,
    Ended,
    Enrolled,
    Exited,
    Granted,
    MembersChanged,
    Names,
    Paid,
    PaidTo,
    Returned,
)
from services.detection.rules.membership import Spell, Stay, joining, spells_of
from services.detection.rules.policy import Policy

_CHANGES = (Enrolled, MembersChanged, Adjusted, Exited)


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
    ``closed``: the latest closed day that is applied, as text.
    """

    household_no: str
    facts: list[Body]
    neighbours: list[Body] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)
    closed: str | None = None

    def __post_init__(self) -> None:
        self.changes: list[Change] = [fact for fact in self.facts if isinstance(fact, _CHANGES)]
        self.grants = sorted(
            (fact for fact in self.facts if isinstance(fact, Granted)),
            key=lambda fact: (fact.date, fact.event_id),
        )
        self.all_payments = [fact for fact in self.facts if isinstance(fact, Paid)]

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
        enrolments = [fact for fact in self.changes if isinstance(fact, Enrolled)]
        latest = max(enrolments, key=lambda fact: (fact.date, fact.event_id), default=None)
        return latest.division if latest is not None else None

    @cached_property
    def deaths(self) -> dict[str, Died | Ended]:
        """The earliest death of each person."""
        return _earliest((fact.person, fact) for fact in self.neighbours if isinstance(fact, Died))

    @cached_property
    def ended(self) -> dict[str, Died | Ended]:
        """The earliest end of each custody."""
        return _earliest((fact.custody_no, fact) for fact in self.neighbours if isinstance(fact, Ended))

    @cached_property
    def returned(self) -> frozenset[str]:
        """The numbers of payments that came back."""
        return frozenset(fact.payment_no for fact in self.neighbours if isinstance(fact, Returned))

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


@dataclass(frozen=True)
class AccountMonth:
    """What came to one account for one month, from each household: counted, with capped evidence."""

    month: str
    households: Mapping[str, int]
    """household_no → 分"""
    evidence: tuple[str, ...]
    evidence_count: int


@dataclass
class AccountView:
    """An account: payments to it for some months, or beyond a bound aggregates of the counted ones."""

    account: str
    facts: list[Body]
    neighbours: list[Body] = field(default_factory=list)
    aggregates: list[AccountMonth] = field(default_factory=list)

    def payments(self, without: Iterable[str] = ()) -> list[PaidTo]:
        """Return the live payments."""
        returned = {fact.payment_no for fact in self.neighbours if isinstance(fact, Returned)}
        if "returned" in without:
            returned = set()
        return [fact for fact in self.facts if isinstance(fact, PaidTo) and fact.payment_no not in returned]


@dataclass
class CustodyView:
    """A custody: its own facts, the households that its grants name, and the latest closed day."""

    custody_no: str
    facts: list[Body]
    households: Mapping[str, HouseholdView]
    closed: str | None = None

    def __post_init__(self) -> None:
        self.grants = sorted(
            (fact for fact in self.facts if isinstance(fact, Granted)),
            key=lambda fact: (fact.date, fact.event_id),
        )
        self.ends = [fact for fact in self.facts if isinstance(fact, Ended)]
