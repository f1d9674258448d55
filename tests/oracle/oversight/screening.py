"""People at risk: who waits, who is promised and not given, who is not offered, who is not cared for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.months import month_of
from tests.oracle.oversight.log import (
    Found,
    Log,
    clock,
    day_of,
    first,
    found,
    in_order,
    later,
    stated_number,
)
from tests.oracle.persons import person_key

HELP = ("rural_dibao", "urban_dibao", "tekun", "temporary_relief")


def waiting(log: Log) -> Iterable[Found]:
    outcomes = log.by("screening.concluded", "screening_no")
    dead = deaths(log)
    for number, listings in log.by("screening.listed", "screening_no").items():
        listings = in_order(listings)
        listed_on = day_of(listings[0].data["listed_on"])
        due_on = later(listed_on, log.policy("screening.outcome_days", listed_on, listings[-1].data))
        person = person_key(listings[-1].data["person"], listings[-1].source)
        yield from clock(
            log,
            due_on,
            first(day_of(f.data["concluded_on"]) for f in outcomes[number]),
            still_owed=person not in dead or dead[person] > due_on,
            screening_no=number,
        )


def deaths(log: Log) -> dict[str, date]:
    """When persons died; the earliest day that was stated."""
    found: dict[str, date] = {}
    for fact in log.of("vitals.died"):
        person, day = person_key(fact.data["person"], fact.source), day_of(fact.data["died_on"])
        found[person] = min(day, found.get(person, day))
    return found


@dataclass(frozen=True)
class Membership:
    """For which months somebody at risk is a member of a household, and since when that is decided."""

    since: date
    from_month: str
    to_month: str | None
    told: bool
    """Whether the listing names the household."""

    def covers(self, month: str) -> bool:
        return self.from_month <= month and (self.to_month is None or month < self.to_month)


@dataclass
class Named:
    """The facts that say of a person that they join or leave a household, each with the month."""

    joins: list[tuple[Fact, str]] = field(default_factory=list)
    leaves: list[tuple[Fact, str]] = field(default_factory=list)


def named_in(log: Log) -> dict[str, Named]:
    """By person what says that they join or leave."""
    found: dict[str, Named] = defaultdict(Named)
    for kind, persons, month, joining in (
        ("enrollment.enrolled", "members", "from_month", True),
        ("enrollment.members_changed", "added", "from_month", True),
        ("enrollment.members_changed", "removed", "from_month", False),
        ("enrollment.exited", "members", "stop_month", False),
    ):
        for fact in log.of(kind):
            for one in fact.data.get(persons, ()):
                named = found[person_key(one.get("person", one), fact.source)]
                (named.joins if joining else named.leaves).append((fact, fact.data[month]))
    return found


def memberships(log: Log, listing: Fact, named: dict[str, Named]) -> Iterator[Membership]:
    """As the household that a listing names has it; of others what names the person.

    That another household left as a whole names nobody, so there it is not known.
    """
    person, told = person_key(listing.data["person"], listing.source), listing.data.get("household_no")
    for stay in (stay for spell in log.household(told).spells for stay in spell.stays) if told else ():
        if stay.person == person:
            yield Membership(stay.joined_by.business_date, stay.from_month, stay.to_month, True)
    said = named.get(person, Named())
    for fact, month in said.joins:
        place = stated_number(fact), fact.data["programme"]
        ends = [
            end
            for left, end in said.leaves
            if (stated_number(left), left.data["programme"]) == place and end > month
        ]
        if fact.data["household_no"] != told:
            yield Membership(fact.business_date, month, min(ends, default=None), False)


def uncovered(log: Log) -> Iterable[Found]:
    listed = log.by("screening.listed", "screening_no")
    refusals = log.by("enrollment.refused", "application_no")
    relieved: dict[str, list[date]] = defaultdict(list)
    for fact in log.of("relief.granted"):
        relieved[person_key(fact.data["person"], fact.source)].append(day_of(fact.data["granted_on"]))
    died, named_facts = deaths(log), named_in(log)
    for number, conclusions in log.by("screening.concluded", "screening_no").items():
        saying = last_in_a_row(log, conclusions)
        if not saying or saying[0].data["outcome"] not in HELP or not listed[number]:
            continue
        data, concluded_on = saying[0].data, day_of(saying[0].data["concluded_on"])
        listings = in_order(listed[number])
        person = person_key(listings[-1].data["person"], listings[-1].source)
        days = log.policy("screening.cover_days", concluded_on, data, listings[-1].data)
        due_on, since = later(concluded_on, days), listings[0].business_date
        covered = [
            one.since
            for one in memberships(log, listings[-1], named_facts)
            if one.since >= since
            or (one.told and (one.to_month is None or one.to_month > month_of(concluded_on)))
        ]
        if data["outcome"] == "temporary_relief":
            covered += [day for day in relieved[person] if day >= since]
        for named in saying:
            if "application_no" in named.data:
                covered += [day_of(f.data["refused_on"]) for f in refusals[named.data["application_no"]]]
        yield from clock(
            log,
            due_on,
            first(covered),
            still_owed=person not in died or died[person] > due_on,
            severity="high",
            screening_no=number,
        )


def last_in_a_row(log: Log, conclusions: list[Fact]) -> list[Fact]:
    """The conclusions by the closed day that say what the last does, since another said otherwise."""
    saying: list[Fact] = []
    for fact in sorted(conclusions, key=lambda fact: (fact.business_date, fact.event_id)):
        if fact.business_date > log.day:
            continue
        if saying and saying[-1].data["outcome"] != fact.data["outcome"]:
            saying = []
        saying.append(fact)
    return saying


def not_offered(log: Log) -> Iterable[Found]:
    listed = log.by("screening.listed", "screening_no")
    outcomes = log.by("screening.concluded", "screening_no")
    policies = log.by("policy.issued", "policy_no")
    named = named_in(log)
    for number, assessments in log.by("screening.assessed", "screening_no").items():
        fitting = {
            policy_no
            for fact in assessments
            if fact.business_date <= log.day
            for policy_no in fact.data.get("policies", ())
            for policy in policies[policy_no]
            if policy.data["gives"] == "single_person_dibao"
            and policy.data["from"]
            <= fact.data["assessed_on"]
            <= policy.data.get("to", fact.data["assessed_on"])
        }
        for outcome in last_in_a_row(log, outcomes[number])[-1:] if fitting else ():
            if not listed[number]:
                continue
            listing, month = in_order(listed[number])[-1], month_of(day_of(outcome.data["concluded_on"]))
            receives = any(one.covers(month) for one in memberships(log, listing, named))
            said = outcome.data["outcome"]
            if not receives and said not in HELP[:3]:
                yield found("medium", {"policy_no": sorted(fitting), "outcome": said}, screening_no=number)


def not_agreed(log: Log) -> Iterable[Found]:
    signed = log.by("tekun.care_agreement_signed", "household_no")
    admitted = log.by("tekun.admitted", "household_no")
    dead = deaths(log)
    begun = {
        (fact.data["household_no"], person_key(fact.data["person"], fact.source), fact.data["begun_on"]): fact
        for fact in log.of("tekun.dispersed_care_begun")
    }
    for fact in begun.values():
        number, person = fact.data["household_no"], person_key(fact.data["person"], fact.source)
        begun_on = day_of(fact.data["begun_on"])
        due_on = later(begun_on, log.policy("tekun.agreement_days", begun_on, fact.data))
        moved = any(
            begun_on <= day_of(f.data["admitted_on"]) <= due_on
            for f in admitted[number]
            if person_key(f.data["person"], f.source) == person
        )
        died = person in dead and dead[person] <= due_on
        yield from clock(
            log,
            due_on,
            first(
                day_of(f.data["signed_on"])
                for f in signed[number]
                if person_key(f.data["person"], f.source) == person
                and f.data["valid_to"] >= fact.data["begun_on"]
            ),
            still_owed=not moved and not died and person in log.members(number, month_of(due_on)),
            household_no=number,
            person=person,
            begun_on=fact.data["begun_on"],
        )


RULES = {
    "screening-waiting": waiting,
    "uncovered-at-risk": uncovered,
    "single-person-not-offered": not_offered,
    "tekun-agreement-missing": not_agreed,
}
