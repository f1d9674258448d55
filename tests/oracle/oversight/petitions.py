"""Petitions that repeat one another, wait too long, or are closed as they must not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, in_order, later
from tests.oracle.persons import person_key

SINCE = "2018-01-01"
ACCEPTED = "petitions.accepted"


def repeats(log: Log) -> Iterable[Found]:
    """Meaning of C1: the same petitioner or household, on the same matter, after another one."""
    known: set[tuple[str, str]] = set()
    last = {fact.data["petition_no"]: fact for fact in in_order(log.of("petitions.filed"))}
    for petition in in_order(last.values()):
        if petition.data["filed_on"] < SINCE:
            continue
        about = set(_about(petition))
        if about & known:
            yield found("low", petition_no=petition.data["petition_no"])
        known |= about


def _about(petition: Fact) -> Iterable[tuple[str, str]]:
    data = petition.data
    if "petitioner" in data:
        yield "P" + person_key(data["petitioner"], petition.source), data["matter_code"]
    if "household_no" in data:
        yield "H" + data["household_no"], data["matter_code"]


def overdue(log: Log) -> Iterable[Found]:
    answered = log.by("petitions.answered", "petition_no")
    closed = log.by("petitions.closed", "petition_no")
    for number, filings in log.by("petitions.filed", "petition_no").items():
        done = [
            day_of(f.data["answered_on"]) for f in answered[number] if f.data.get("stage", "first") == "first"
        ]
        done += [day_of(f.data["closed_on"]) for f in closed[number]]
        yield from clock(log, _due_on(log, number, in_order(filings)[-1]), first(done), petition_no=number)


def _due_on(log: Log, number: str, filed: Fact) -> date:
    """An acceptance sets the day, at most so far ahead, and so does a transfer that comes in time."""

    def limit(day: date, *names: str) -> date:
        return later(day, sum(log.policy(f"petitions.{name}_days", day, filed.data) for name in names))

    due_on = limit(day_of(filed.data["filed_on"]), "accept", "answer")
    steps = [
        *log.by("petitions.transferred", "petition_no")[number],
        *log.by(ACCEPTED, "petition_no")[number],
    ]
    for step in sorted(steps, key=lambda fact: (fact.business_date, fact.kind == ACCEPTED, fact.event_id)):
        if step.kind == ACCEPTED:
            due_on = min(day_of(step.data["due_on"]), limit(step.business_date, "answer", "extension"))
        elif step.business_date <= due_on:
            due_on = limit(step.business_date, "accept", "answer")
    return due_on


def without_evidence(log: Log) -> Iterable[Found]:
    bare = {
        closure.data["petition_no"]
        for closure in log.of("petitions.closed")
        if closure.data["outcome"] == "settled" and "evidence" not in closure.data
    }
    for number in bare:
        yield found("medium", petition_no=number)


def signed_by_one(log: Log) -> Iterable[Found]:
    short = {
        closure.data["petition_no"]
        for closure in log.of("petitions.closed")
        if closure.data["outcome"] != "withdrawn" and not _signed_by_two(log, closure)
    }
    for number in short:
        yield found("medium", petition_no=number)


def _signed_by_two(log: Log, closure: Fact) -> bool:
    appointed = log.by("officials.appointed", "official_no")
    signers = [closure.data.get(name) for name in ("closed_by", "confirmed_by")]
    if None in signers or signers[0] == signers[1]:
        return False
    first, second = (
        {person_key(post.data["person"], post.source) for post in appointed.get(number, ())}
        for number in signers
    )
    return first.isdisjoint(second)


def in_bulk(log: Log) -> Iterable[Found]:
    closures: dict[tuple[str, str], set[str]] = defaultdict(set)
    for fact in log.of("petitions.closed"):
        if "closed_by" in fact.data and fact.data["outcome"] != "withdrawn":
            closures[fact.data["closed_by"], fact.data["closed_on"]].add(fact.data["petition_no"])
    for (official, day), numbers in closures.items():
        if len(numbers) > log.policy("petitions.closures_a_day", day_of(day)):
            yield found("medium", {"petitions": sorted(numbers)[:50]}, closed_by=official, closed_on=day)


RULES = {
    "repeat-petition": repeats,
    "petition-overdue": overdue,
    "closure-without-evidence": without_evidence,
    "single-signature-closure": signed_by_one,
    "bulk-closure": in_bulk,
}
