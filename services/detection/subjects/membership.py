"""Who is a member of a household in which month, in which spell, and what the household is entitled to.

Per household and programme, changes apply in order of (effective month, business date, event id). Only an
enrolment begins a spell; while one is running it adds its members. A change without a running spell has no
effect. A spell ends in the month in which members go from some to none (contract, "Membership").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.detection.facts.enrollment import Adjusted, Change, Enrolled, Exited, Member, MembersChanged


@dataclass(slots=True)
class Stay:
    """One person's membership, for the months ``from_month`` ≤ m < ``to_month``."""

    person: str
    from_month: str
    joined_by: Change
    to_month: str | None = None

    def covers(self, month: str) -> bool:
        """Whether the person is a member in a month."""
        return self.from_month <= month and (self.to_month is None or month < self.to_month)


@dataclass(slots=True)
class Spell:
    """One run of a household in a programme, for the months ``from_month`` ≤ m < ``to_month``."""

    programme: str
    from_month: str
    enrolled: Enrolled
    to_month: str | None = None
    ended_by: Change | None = None
    stays: list[Stay] = field(default_factory=list)
    statements: list[Enrolled | MembersChanged | Adjusted] = field(default_factory=list)
    _entitlements: dict[str, tuple[int, Change]] = field(default_factory=dict, repr=False, compare=False)

    def covers(self, month: str) -> bool:
        """Whether the spell runs in a month."""
        return self.from_month <= month and (self.to_month is None or month < self.to_month)

    def members(self, month: str) -> dict[str, Stay]:
        """Return the members of a month with their stays."""
        return {stay.person: stay for stay in self.stays if stay.covers(month)}

    def entitlement(self, month: str) -> tuple[int, Change]:
        """Return 分 a month for the household, and the fact that says so."""
        found = self._entitlements.get(month)
        if found is None:
            found = self._entitlements[month] = self._entitlement(month)
        return found

    def _entitlement(self, month: str) -> tuple[int, Change]:
        for fact in reversed(self.statements):
            if fact.month <= month and fact.entitlement is not None:
                return fact.entitlement, fact
        raise AssertionError("a spell has the entitlement of its enrolment")

    def component(self, person: str, month: str) -> tuple[int, Change] | None:
        """Return 分 a month that were last given for this person, and the fact; None where nothing was."""
        for fact in reversed(self.statements):
            if fact.month > month:
                continue
            for name, amount in components_of(fact):
                if name == person and amount is not None:
                    return amount, fact
        return None


def components_of(fact: Enrolled | MembersChanged | Adjusted) -> list[tuple[str, int | None]]:
    """Return the persons for whom a fact may state a part of the entitlement."""
    if type(fact) is Adjusted:
        return [(person, amount) for person, amount in fact.components]
    return [(member.person, member.component) for member in joining(fact)]


def joining(fact: Change) -> list[Member]:
    """Return the members whom a fact brings in."""
    if type(fact) is Enrolled:
        return fact.members
    if type(fact) is MembersChanged:
        return fact.added
    return []


def spells_of(changes: Iterable[Change]) -> list[Spell]:
    """Return the spells of one household in one programme, in order."""
    ordered = sorted(changes, key=lambda fact: (fact.month, fact.date, fact.event_id))
    spells: list[Spell] = []
    spell: Spell | None = None
    present: dict[str, Stay] = {}
    for fact in ordered:
        if spell is None:
            if type(fact) is not Enrolled:
                continue
            spell = Spell(fact.programme, fact.month, fact)
            spells.append(spell)
        if type(fact) is MembersChanged:
            leaving = fact.removed
        elif type(fact) is Exited:
            leaving = list(present) if fact.persons is None else fact.persons
        else:
            leaving = []
        for person in leaving:
            stay = present.pop(person, None)
            if stay is not None:
                stay.to_month = fact.month
        for member in joining(fact):
            if member.person not in present:
                present[member.person] = stay = Stay(member.person, fact.month, fact)
                spell.stays.append(stay)
        if not present:
            spell.to_month, spell.ended_by = fact.month, fact
            spell = None
    statements = sorted(
        (fact for fact in ordered if not isinstance(fact, Exited)),
        key=lambda fact: (fact.month, fact.time, fact.event_id),
    )
    for spell in spells:
        spell.statements = [fact for fact in statements if spell.covers(fact.month)]
    return spells
