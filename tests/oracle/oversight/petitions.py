"""Petitions that repeat one another, wait too long, or are closed as they must not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, later
from tests.oracle.persons import person_key

SINCE = "2018-01-01"


def repeats(log: Log) -> Iterable[Found]:
    """Meaning of C1: the same petitioner or household, on the same matter, after another one."""
    known: set[tuple[str, str]] = set()
    filed = sorted(log.of("petitions.filed"), key=lambda fact: (fact.data["filed_on"], fact.event_id))
    for petition in filed:
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
    accepted = log.by("petitions.accepted", "petition_no")
    answered = log.by("petitions.answered", "petition_no")
    closed = log.by("petitions.closed", "petition_no")
    for petition in log.of("petitions.filed"):
        number, filed_on = petition.data["petition_no"], day_of(petition.data["filed_on"])
        if accepted[number]:
            data = accepted[number][0].data
            accepted_on = day_of(data["accepted_on"])
            most = log.policy("petitions.answer_days", accepted_on)
            most += log.policy("petitions.extension_days", accepted_on)
            due_on = min(day_of(data["due_on"]), later(accepted_on, most))
        else:
            due_on = later(
                filed_on,
                log.policy("petitions.accept_days", filed_on) + log.policy("petitions.answer_days", filed_on),
            )
        done = [day_of(f.data["answered_on"]) for f in answered[number] if f.data["stage"] == "first"]
        done += [day_of(f.data["closed_on"]) for f in closed[number]]
        yield from clock(log, due_on, first(done), petition_no=number)


def without_evidence(log: Log) -> Iterable[Found]:
    for closure in log.of("petitions.closed"):
        if closure.data["outcome"] == "settled" and "evidence" not in closure.data:
            yield found("medium", petition_no=closure.data["petition_no"])


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
            yield found("medium", {"petitions": sorted(numbers)}, closed_by=official, closed_on=day)


RULES = {
    "repeat-petition": repeats,
    "petition-overdue": overdue,
    "closure-without-evidence": without_evidence,
    "single-signature-closure": signed_by_one,
    "bulk-closure": in_bulk,
}
