"""Near relatives of officials: filings not looked into, relatives not filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from tests.oracle.months import first_day, month_of
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, in_office, later, persons_in_office
from tests.oracle.persons import person_key


def unreviewed(log: Log) -> Iterable[Found]:
    """A review counts where the household was visited."""
    reviews = log.by("kinship.reviewed", "filing_no")
    for filing in log.of("kinship.declared"):
        data = filing.data
        declared_on = day_of(data["declared_on"])
        due_on = later(declared_on, log.policy("kinship.review_days", declared_on))
        yield from clock(
            log,
            due_on,
            first(day_of(f.data["reviewed_on"]) for f in reviews[data["filing_no"]] if f.data["visited"]),
            still_owed=log.spell(data["household_no"], data["programme"], month_of(due_on)) is not None,
            filing_no=data["filing_no"],
        )


def undeclared(log: Log) -> Iterable[Found]:
    grounds: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for household_no, known_since in _grounds(log):
        grounds[household_no].append(known_since)
    filings = log.by("kinship.declared", "household_no")
    for household_no, known in grounds.items():
        duty_on, ground = min(known)
        due_on = later(duty_on, log.policy("kinship.filing_days", duty_on))
        month = month_of(due_on)
        yield from clock(
            log,
            due_on,
            first(day_of(fact.data["declared_on"]) for fact in filings[household_no]),
            still_owed=any(spell.covers(month) for spell in log.household(household_no).spells),
            severity="high",
            extras={"ground": ground},
            household_no=household_no,
        )


def _grounds(log: Log) -> Iterator[tuple[str, tuple[date, str]]]:
    """Households in which facts show a near relative of an official, with the day from which they do."""
    posts = persons_in_office(log)
    for household in log.households.values():
        for spell in household.spells:
            for stay in spell.stays:
                for begun, ended in posts.get(stay.person, ()):
                    day = max(begun, first_day(stay.from_month))
                    if stay.covers(month_of(day)) and (ended is None or day < ended):
                        yield household.household_no, (day, "member")
    for fact in log.of("custody.granted"):
        day = day_of(fact.data["valid_from"])
        custodian = person_key(fact.data["custodian"], fact.source)
        if fact.data["custodian_kind"] == "relative" and in_office(posts.get(custodian, []), day):
            yield fact.data["household_no"], (day, "custodian")
    granted = {fact.data.get("application_no"): fact for fact in log.of("enrollment.enrolled")}
    for fact in log.of("enrollment.applied"):
        if fact.data["kin_of_official"] and fact.data["application_no"] in granted:
            enrolled = granted[fact.data["application_no"]]
            yield fact.data["household_no"], (day_of(enrolled.data["decided_on"]), "application")


RULES = {"kinship-unreviewed": unreviewed, "kinship-undeclared": undeclared}
