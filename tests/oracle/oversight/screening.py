"""People at risk: who waits, who is promised and not given, who is not offered, who is not cared for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.membership import Stay
from tests.oracle.months import month_of
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, later

HELP = ("rural_dibao", "urban_dibao", "tekun", "temporary_relief")


def waiting(log: Log) -> Iterable[Found]:
    outcomes = log.by("screening.concluded", "screening_no")
    dead = deaths(log)
    for number, listings in log.by("screening.listed", "screening_no").items():
        in_order = sorted(listings, key=lambda fact: (fact.business_date, fact.event_id))
        listed_on = day_of(in_order[0].data["listed_on"])
        due_on = later(listed_on, log.policy("screening.outcome_days", listed_on, in_order[-1].data))
        person = log.person(in_order[-1].data["person"], in_order[-1].source)
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
        person, day = log.person(fact.data["person"], fact.source), day_of(fact.data["died_on"])
        found[person] = min(day, found.get(person, day))
    return found


def uncovered(log: Log) -> Iterable[Found]:
    listed = log.by("screening.listed", "screening_no")
    refusals = log.by("enrollment.refused", "application_no")
    stays: dict[str, list[Stay]] = defaultdict(list)
    for household in log.households.values():
        for stay in (stay for spell in household.spells for stay in spell.stays):
            stays[log.known(stay.person)].append(stay)
    relieved: dict[str, list[date]] = defaultdict(list)
    for fact in log.of("relief.granted"):
        relieved[log.person(fact.data["person"], fact.source)].append(day_of(fact.data["granted_on"]))
    died = deaths(log)
    for number, conclusions in log.by("screening.concluded", "screening_no").items():
        saying = last_in_a_row(log, conclusions)
        if not saying or saying[0].data["outcome"] not in HELP or not listed[number]:
            continue
        data, concluded_on = saying[0].data, day_of(saying[0].data["concluded_on"])
        listings = sorted(listed[number], key=lambda fact: (fact.business_date, fact.event_id))
        person = log.person(listings[-1].data["person"], listings[-1].source)
        days = log.policy("screening.cover_days", concluded_on, data, listings[-1].data)
        due_on = later(concluded_on, days)
        covered = [
            stay.joined_by.business_date
            for stay in stays[person]
            if stay.joined_by.business_date >= listings[0].business_date
            or stay.to_month is None
            or stay.to_month > month_of(concluded_on)
        ]
        if data["outcome"] == "temporary_relief":
            covered += [day for day in relieved[person] if day >= listings[0].business_date]
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
    members: dict[str, set[str]] = {}
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
            listings = sorted(listed[number], key=lambda fact: (fact.business_date, fact.event_id))
            listing, month = listings[-1], month_of(day_of(outcome.data["concluded_on"]))
            if month not in members:
                members[month] = {
                    log.known(person) for one in log.households.values() for person in one.members(month)
                }
            receives = log.person(listing.data["person"], listing.source) in members[month]
            said = outcome.data["outcome"]
            if not receives and said not in HELP[:3]:
                yield found("medium", {"policy_no": sorted(fitting), "outcome": said}, screening_no=number)


def not_agreed(log: Log) -> Iterable[Found]:
    signed = log.by("tekun.care_agreement_signed", "household_no")
    admitted = log.by("tekun.admitted", "household_no")
    dead = deaths(log)
    for fact in log.of("tekun.dispersed_care_begun"):
        number, person = fact.data["household_no"], log.person(fact.data["person"], fact.source)
        begun_on = day_of(fact.data["begun_on"])
        due_on = later(begun_on, log.policy("tekun.agreement_days", begun_on, fact.data))
        moved = any(
            begun_on <= day_of(f.data["admitted_on"]) <= due_on
            for f in admitted[number]
            if log.person(f.data["person"], f.source) == person
        )
        died = person in dead and dead[person] <= due_on
        yield from clock(
            log,
            due_on,
            first(
                day_of(f.data["signed_on"])
                for f in signed[number]
                if log.person(f.data["person"], f.source) == person
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
