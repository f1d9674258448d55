"""A household: its spells, members and grants of custody, payments of some months, and deaths and returns."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from propcache.api import cached_property

from services.detection.facts.custody import Ended, Granted
from services.detection.facts.enrollment import Adjusted, Change, Enrolled, Exited, MembersChanged
from services.detection.facts.fact import Body, Names
from services.detection.facts.payments import Paid, Recovered, Returned
from services.detection.facts.vitals import Died
from services.detection.policy import Policy, Scope
from services.detection.subjects.membership import Spell, Stay, joining, spells_of
from services.detection.subjects.subject import Lasting, Neighbour, Seen, Subject, ordered

_CHANGES = frozenset({Enrolled, MembersChanged, Adjusted, Exited})


D = TypeVar("D", Died, Ended)


def _earliest(facts: Iterable[tuple[str, D]]) -> dict[str, D]:
    found: dict[str, D] = {}
    for name, fact in facts:
        other = found.get(name)
        if other is None or (fact.date, fact.event_id) < (other.date, other.event_id):
            found[name] = fact
    return found


class HouseholdState:
    """What follows from a household's facts without a month: spells, names, grants of custody, village."""

    def __init__(self, facts: Sequence[Body]) -> None:
        # Types are compared, for isinstance is slow on Structs: their metaclass is an ABCMeta.
        self.changes: list[Change] = [cast(Change, fact) for fact in facts if type(fact) in _CHANGES]
        self.grants: list[Granted] = ordered(fact for fact in facts if type(fact) is Granted)
        self._members: dict[int, dict[str, Stay]] = {}
        self._spells: dict[tuple[str, int], Spell | None] = {}
        self._scopes: dict[str, Scope] = {}
        self._names: dict[int, list[Names]] = {}

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
    def enrolments(self) -> list[Enrolled]:
        """Enrolments in whatever programme, in order."""
        return ordered(fact for fact in self.changes if type(fact) is Enrolled)

    @cached_property
    def division(self) -> str | None:
        """The village, as the latest enrolment says."""
        return self.enrolments[-1].division if self.enrolments else None

    @cached_property
    def _turns(self) -> list[str]:
        """The months in which a spell or a stay begins or has ended, in order: nothing changes between."""
        turns: set[str | None] = set()
        for spells in self.spells.values():
            for spell in spells:
                turns.update((spell.from_month, spell.to_month))
                for stay in spell.stays:
                    turns.update((stay.from_month, stay.to_month))
        return sorted(month for month in turns if month is not None)

    def members(self, month: str) -> Mapping[str, Stay]:
        """Return the members of a month, in any programme."""
        stretch = bisect_right(self._turns, month)
        found = self._members.get(stretch)
        if found is None:
            found = self._members[stretch] = {}
            for spells in self.spells.values():
                for spell in spells:
                    found.update(spell.members(month))
        return found

    def spell(self, programme: str, month: str) -> Spell | None:
        """Return the spell that covers a month."""
        asked = programme, bisect_right(self._turns, month)
        if asked not in self._spells:
            spells = self.spells.get(programme, ())
            self._spells[asked] = next((spell for spell in spells if spell.covers(month)), None)
        return self._spells[asked]

    def scope(self, programme: str) -> Scope:
        """Return whom values of policy are asked for: the household in one of its programmes."""
        found = self._scopes.get(programme)
        if found is None:
            found = self._scopes[programme] = Scope(self.division, programme)
        return found

    def names_in(self, month: str) -> list[Names]:
        """Return the names of the members of a month."""
        stretch = bisect_right(self._turns, month)
        found = self._names.get(stretch)
        if found is None:
            found = [name for person in self.members(month) for name in self.names[person]]
            self._names[stretch] = found
        return found

    @property
    def enrolled(self) -> bool:
        """Whether anything is known of an enrolment, in any programme and month."""
        return any(self.spells.values())

    @cached_property
    def everyone(self) -> frozenset[str]:
        """Anyone who ever was, or will be, a member in any programme."""
        return frozenset(
            stay.person for spells in self.spells.values() for spell in spells for stay in spell.stays
        )


class HouseholdView:
    """A household: what is so whatever the month, payments and recoveries of some months, neighbours' facts.

    ``closed``: the latest closed day; what is dated after it is there all the same. ``neighbours``: deaths
    of persons, returns of payments, ends of custodies, in any order, more than needed.
    """

    def __init__(
        self,
        household_no: str,
        lasting: Lasting,
        payments: Sequence[Paid] = (),
        neighbours: Sequence[Body] = (),
        policy: Policy | None = None,
        recoveries: Sequence[Recovered] = (),
        closed: str | None = None,
    ) -> None:
        state = lasting.made(HouseholdState)
        self.household_no = household_no
        self.all_payments = payments
        self.neighbours = neighbours
        self.policy = policy or Policy()
        self.recoveries = recoveries
        self.closed = closed
        self.grants = state.grants
        self.members = state.members
        self.names_in = state.names_in
        self.spell = state.spell
        self.scope = state.scope
        self._lasting = lasting
        self._state = state
        self._by_month: dict[tuple[str, str], list[Paid]] | None = None

    @classmethod
    def of(cls, seen: Seen) -> "HouseholdView":
        """Return the view of a household that was read."""
        payments: list[Paid] = []
        recoveries: list[Recovered] = []
        for fact in seen.monthly:
            if type(fact) is Paid:
                payments.append(fact)
            elif type(fact) is Recovered:
                recoveries.append(fact)
        around = list(seen.around())
        return cls(seen.number, seen.lasting, payments, around, seen.policy, recoveries, seen.closed)

    def by(self, day: str) -> "HouseholdView":
        """Return the household as of a day: what is dated later is not there yet."""
        return HouseholdView(
            self.household_no,
            Lasting([fact for fact in self._lasting.bodies if fact.date <= day]),
            [fact for fact in self.all_payments if fact.date <= day],
            [fact for fact in self.neighbours if fact.date <= day],
            self.policy,
            [fact for fact in self.recoveries if fact.date <= day],
            self.closed,
        )

    def days(self) -> Iterator[str]:
        """Yield the dates of all that is seen."""
        for facts in (self._lasting.bodies, self.all_payments, self.neighbours, self.recoveries):
            for fact in facts:
                yield fact.date

    @property
    def spells(self) -> dict[str, list[Spell]]:
        """The spells by programme, in order."""
        return self._state.spells

    @property
    def enrolments(self) -> list[Enrolled]:
        """Enrolments in whatever programme, in order."""
        return self._state.enrolments

    @property
    def enrolled(self) -> bool:
        """Whether anything is known of an enrolment, in any programme and month."""
        return self._state.enrolled

    @property
    def names(self) -> dict[str, list[Names]]:
        """Every name under which a person was enrolled or added."""
        return self._state.names

    @property
    def division(self) -> str | None:
        """The village, as the latest enrolment says."""
        return self._state.division

    @cached_property
    def deaths(self) -> dict[str, Died]:
        """The earliest death of each person."""
        if not self.neighbours:  # as for nearly all
            return {}
        return _earliest((fact.person, fact) for fact in self.neighbours if type(fact) is Died)

    @cached_property
    def ended(self) -> dict[str, Ended]:
        """The earliest end of each custody."""
        if not self.neighbours:
            return {}
        return _earliest((fact.custody_no, fact) for fact in self.neighbours if type(fact) is Ended)

    @cached_property
    def returned(self) -> frozenset[str]:
        """The numbers of payments that came back."""
        if not self.neighbours:
            return frozenset()
        return frozenset(fact.payment_no for fact in self.neighbours if type(fact) is Returned)

    def payments(self, without: Iterable[str] = ()) -> Sequence[Paid]:
        """Return the live payments: those that did not come back."""
        if "returned" in without or not self.returned:
            return self.all_payments
        return [payment for payment in self.all_payments if payment.payment_no not in self.returned]

    def payments_by_month(self, without: Iterable[str] = ()) -> Mapping[tuple[str, str], list[Paid]]:
        """Return live payments by (programme, month paid for)."""
        if self._by_month is not None and not without:
            return self._by_month
        found: dict[tuple[str, str], list[Paid]] = defaultdict(list)
        for payment in self.payments(without):
            found[payment.programme, payment.month].append(payment)
        if not without:
            self._by_month = found
        return found

    def everyone(self) -> frozenset[str]:
        """Return anyone who ever was, or will be, a member in any programme."""
        return self._state.everyone


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
