"""Cards in other hands: papers, checks, holders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import (
    Found,
    Log,
    day_of,
    found,
    in_office,
    later,
    months_later,
    persons_in_office,
)
from tests.oracle.persons import person_key

OFFICIAL = ("village_official", "township_staff")


def held(log: Log) -> list[Fact]:
    """Grants whose card is still out, for somebody who is a member in the closed day's month."""
    ended = {fact.data["custody_no"] for fact in log.of("custody.ended")}
    return [
        fact
        for fact in log.of("custody.granted")
        if fact.data["custody_no"] not in ended
        and person_key(fact.data["beneficiary"], fact.source)
        in log.household(fact.data["household_no"]).members(log.month)
    ]


def since(grant: Fact) -> date:
    return day_of(grant.data["valid_from"])


def overdue(log: Log, grant: Fact, parameter: str) -> bool:
    return later(since(grant), log.policy(parameter, since(grant))) < log.day


def agreed(log: Log, grant: Fact) -> bool:
    return "agreement_no" in grant.data or bool(filings(log, grant))


def filings(log: Log, grant: Fact) -> list[Fact]:
    return log.by("custody.agreement_filed", "custody_no")[grant.data["custody_no"]]


def filed(log: Log, grant: Fact) -> bool:
    """With the county where an official holds the card, else with the township at least."""
    enough = ("county",) if grant.data["custodian_kind"] in OFFICIAL else ("county", "township")
    return "filed_on" in grant.data or any(f.data["filed_with"] in enough for f in filings(log, grant))


def without_agreement(log: Log) -> Iterable[Found]:
    for grant in held(log):
        if grant.data["custodian_kind"] == "institution" or agreed(log, grant):
            continue
        if overdue(log, grant, "custody.agreement_days"):
            yield found("medium", custody_no=grant.data["custody_no"])


def unfiled(log: Log) -> Iterable[Found]:
    for grant in held(log):
        if grant.data["custodian_kind"] == "institution" or filed(log, grant):
            continue
        if overdue(log, grant, "custody.filing_days"):
            yield found("medium", custody_no=grant.data["custody_no"])


def unchecked(log: Log) -> Iterable[Found]:
    checks = log.by("custody.checked", "custody_no")
    for grant in held(log):
        number = grant.data["custody_no"]
        last = max([since(grant), *(day_of(fact.data["checked_on"]) for fact in checks[number])])
        due_on = months_later(last, log.policy("custody.check_months", last))
        if due_on < log.day:
            yield found("medium", {"due_on": due_on.isoformat()}, custody_no=number)


def many(log: Log) -> Iterable[Found]:
    cards: dict[str, int] = defaultdict(int)
    for grant in held(log):
        if grant.data["custodian_kind"] != "institution":
            cards[person_key(grant.data["custodian"], grant.source)] += 1
    for person, count in cards.items():
        if count > log.policy("custody.cards_per_custodian", log.day):
            yield found("medium", {"cards": count}, person=person)


def by_cadres(log: Log) -> Iterable[Found]:
    posts = persons_in_office(log)
    declared = {
        (fact.data["household_no"], person_key(fact.data["official"], fact.source))
        for fact in log.of("kinship.declared")
    }
    for grant in held(log):
        custodian, kind = person_key(grant.data["custodian"], grant.source), grant.data["custodian_kind"]
        if not in_office(posts.get(custodian, []), log.day):
            continue
        if kind == "relative" and (grant.data["household_no"], custodian) in declared:
            continue
        fails = [] if kind in OFFICIAL else ["kind"]
        fails += [] if agreed(log, grant) else ["agreement"]
        fails += [] if filed(log, grant) else ["filing"]
        if fails:
            yield found("high", {"fails": fails}, custody_no=grant.data["custody_no"])


RULES = {
    "custody-without-agreement": without_agreement,
    "custody-unfiled": unfiled,
    "custody-unchecked": unchecked,
    "many-custodies": many,
    "cadre-custody": by_cadres,
}
