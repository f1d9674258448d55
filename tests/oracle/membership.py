"""Who is a member of a household in which month, in which spell, and what the household is entitled to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.persons import person_key

EFFECTIVE_MONTH_FIELDS = {
    "enrollment.enrolled": "from_month",
    "enrollment.members_changed": "from_month",
    "enrollment.entitlement_adjusted": "from_month",
    "enrollment.exited": "stop_month",
}


def effective_month(fact: Fact) -> str:
    """The month from which an enrolment fact holds."""
    return str(fact.data[EFFECTIVE_MONTH_FIELDS[fact.kind]])


@dataclass
class Stay:
    """One person's membership, for the months `from_month` ≤ m < `to_month`."""

    person: str
    name: str
    relation: str | None
    from_month: str
    joined_by: Fact
    to_month: str | None = None
    left_by: Fact | None = None

    def covers(self, month: str) -> bool:
        return self.from_month <= month and (self.to_month is None or month < self.to_month)


@dataclass
class Spell:
    """One run of a household in a programme, for the months `from_month` ≤ m < `to_month`.

    `statements` are the enrolment facts that take effect within it; they state entitlements and components.
    """

    household_no: str
    programme: str
    from_month: str
    enrolled: Fact
    to_month: str | None = None
    ended_by: Fact | None = None
    stays: list[Stay] = field(default_factory=list)
    statements: list[Fact] = field(default_factory=list)

    def covers(self, month: str) -> bool:
        return self.from_month <= month and (self.to_month is None or month < self.to_month)

    def members(self, month: str) -> set[str]:
        """The persons who are members in `month`."""
        return {stay.person for stay in self.stays if stay.covers(month)}

    def statements_by(self, month: str) -> list[Fact]:
        """What was stated with effect up to `month`, the one that counts last."""
        known = [fact for fact in self.statements if effective_month(fact) <= month]
        return sorted(known, key=lambda fact: (effective_month(fact), fact.time, fact.event_id))

    def entitlement(self, month: str) -> int:
        """分 a month, for the household."""
        return [
            int(fact.data["entitlement_fen"])
            for fact in self.statements_by(month)
            if "entitlement_fen" in fact.data
        ][-1]

    def component(self, person: str, month: str) -> int | None:
        """分 a month that were given for this person, None where nothing was."""
        given = [
            int(entry["entitlement_fen"])
            for fact in self.statements_by(month)
            for entry in components_stated(fact)
            if "entitlement_fen" in entry and person_key(entry["person"], fact.source) == person
        ]
        return given[-1] if given else None


def components_stated(fact: Fact) -> list[dict[str, Any]]:
    """The persons that a fact may state a share of the entitlement for."""
    field_name = {
        "enrollment.enrolled": "members",
        "enrollment.members_changed": "added",
        "enrollment.entitlement_adjusted": "components",
    }[fact.kind]
    return list(fact.data.get(field_name, []))


def spells_of(facts: Iterable[Fact]) -> list[Spell]:
    """The spells of one household in one programme, in order.

    Changes apply by the month they take effect in, then by business date, then by event id. Only `enrolled`
    begins a spell; while one is running it adds members and states an entitlement. A change without a running
    spell has no effect. A spell that has lost its last member has ended.
    """
    facts = list(facts)
    spells: list[Spell] = []
    spell: Spell | None = None
    for fact in sorted(facts, key=lambda fact: (effective_month(fact), fact.business_date, fact.event_id)):
        month = effective_month(fact)
        if spell is None:
            if fact.kind != "enrollment.enrolled":
                continue
            spell = Spell(fact.data["household_no"], fact.data["programme"], month, enrolled=fact)
            spells.append(spell)
        present = [stay for stay in spell.stays if stay.to_month is None]
        for stay in present:
            if stay.person in leaving(fact, present):
                stay.to_month, stay.left_by = month, fact
        present = [stay for stay in present if stay.to_month is None]
        for member in joining(fact):
            person = person_key(member["person"], fact.source)
            if person not in {stay.person for stay in present}:
                stay = Stay(person, member["person"]["name"], member.get("relation"), month, fact)
                spell.stays.append(stay)
                present.append(stay)
        if not present:
            spell.to_month, spell.ended_by = month, fact
            spell = None
    for spell in spells:
        spell.statements = [
            fact for fact in facts if fact.kind != "enrollment.exited" and spell.covers(effective_month(fact))
        ]
    return spells


def joining(fact: Fact) -> list[dict[str, Any]]:
    """The members whom a fact brings in."""
    if fact.kind == "enrollment.enrolled":
        return list(fact.data["members"])
    if fact.kind == "enrollment.members_changed":
        return list(fact.data.get("added", []))
    return []


def leaving(fact: Fact, present: list[Stay]) -> set[str]:
    """The persons whom a fact takes out."""
    if fact.kind == "enrollment.members_changed":
        return {person_key(entry["person"], fact.source) for entry in fact.data.get("removed", [])}
    if fact.kind == "enrollment.exited" and fact.data["scope"] == "household":
        return {stay.person for stay in present}
    if fact.kind == "enrollment.exited":
        return {person_key(person, fact.source) for person in fact.data.get("members", [])}
    return set()


@dataclass
class Household:
    """A household in all its programmes. `names`: every name under which a person was enrolled or added."""

    household_no: str
    spells: list[Spell]
    names: dict[str, set[str]]
    division: str | None

    def spells_in(self, programme: str) -> list[Spell]:
        """The spells in one programme, in order."""
        return [spell for spell in self.spells if spell.programme == programme]

    def spell(self, programme: str, month: str) -> Spell | None:
        """The spell that covers `month`."""
        return next((spell for spell in self.spells_in(programme) if spell.covers(month)), None)

    def members(self, month: str) -> set[str]:
        """Members in `month`, in any programme."""
        return {person for spell in self.spells for person in spell.members(month)}

    def everyone(self) -> set[str]:
        """Anyone who ever was, or will be, a member in any programme."""
        return {stay.person for spell in self.spells for stay in spell.stays}


def households_of(facts: Iterable[Fact]) -> dict[str, Household]:
    """Every household that has an enrolment fact, by its number.

    The division is that of the latest enrolment, by business date, then event id.
    """
    by_household: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind in EFFECTIVE_MONTH_FIELDS:
            by_household[fact.data["household_no"]].append(fact)
    return {number: household_of(number, changes) for number, changes in sorted(by_household.items())}


def household_of(household_no: str, changes: list[Fact]) -> Household:
    """One household from its enrolment facts."""
    names: dict[str, set[str]] = defaultdict(set)
    for fact in changes:
        for member in joining(fact):
            names[person_key(member["person"], fact.source)].add(member["person"]["name"])
    enrolments = [fact for fact in changes if fact.kind == "enrollment.enrolled"]
    latest = max(enrolments, key=lambda fact: (fact.business_date, fact.event_id), default=None)
    return Household(
        household_no,
        [
            spell
            for programme in sorted({fact.data["programme"] for fact in changes})
            for spell in spells_of(fact for fact in changes if fact.data["programme"] == programme)
        ],
        dict(names),
        latest.data.get("division") if latest else None,
    )
