"""Clues not looked into, not handed over, and informants who heard nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, later


def unverified(log: Log) -> Iterable[Found]:
    verified = log.by("clues.verified", "clue_no")
    for number, stated in log.by("clues.received", "clue_no").items():
        if _last(stated).data["track"] != "civil_affairs":
            continue
        received_on = min(day_of(clue.data["received_on"]) for clue in stated)
        yield from clock(
            log,
            later(received_on, log.policy("clues.verify_days", received_on)),
            first(day_of(fact.data["verified_on"]) for fact in verified[number]),
            clue_no=number,
        )


def untransferred(log: Log) -> Iterable[Found]:
    """Where a cadre is concerned, and there is something in it."""
    transferred = log.by("clues.transferred", "clue_no")
    for clue, verified in _verified(log):
        if verified.data["result"] == "unsubstantiated":
            continue
        if not any(_is_cadre(log, clue, concerned) for concerned in clue.data.get("concerned", ())):
            continue
        verified_on, number = day_of(verified.data["verified_on"]), clue.data["clue_no"]
        yield from clock(
            log,
            later(verified_on, log.policy("clues.transfer_days", verified_on)),
            first(day_of(fact.data["transferred_on"]) for fact in transferred[number]),
            severity="high",
            clue_no=number,
        )


def _is_cadre(log: Log, clue: Fact, concerned: dict[str, Any]) -> bool:
    """By what the clue says, or by a post on the day on which it came in."""
    if concerned["cadre"]:
        return True
    left = {
        fact.data["appointment_no"]
        for fact in log.by("officials.left", "official_no")[concerned.get("official_no")]
        if fact.business_date < clue.business_date
    }
    return any(
        fact.business_date <= clue.business_date and fact.data["appointment_no"] not in left
        for fact in log.by("officials.appointed", "official_no")[concerned.get("official_no")]
    )


def informant_unanswered(log: Log) -> Iterable[Found]:
    """Whichever verification says that they were answered, the first day counts."""
    stated = log.by("clues.verified", "clue_no")
    for clue, verified in _verified(log):
        if clue.data["named"]:
            verified_on = day_of(verified.data["verified_on"])
            said = (fact.data.get("informant_answered_on") for fact in stated[clue.data["clue_no"]])
            yield from clock(
                log,
                later(verified_on, log.policy("clues.answer_days", verified_on)),
                first(day_of(day) for day in said if day and day_of(day) <= log.day),
                clue_no=clue.data["clue_no"],
            )


def _last(stated: list[Fact]) -> Fact:
    """What was last said of a clue."""
    return max(stated, key=lambda fact: (str(fact.data["received_on"]), fact.event_id))


def _verified(log: Log) -> Iterator[tuple[Fact, Fact]]:
    """Clues of civil affairs that were looked into, with the first time that they were."""
    verified = log.by("clues.verified", "clue_no")
    for number, stated in log.by("clues.received", "clue_no").items():
        clue, found = _last(stated), verified.get(number)
        if found and clue.data["track"] == "civil_affairs":
            yield clue, min(found, key=lambda fact: (str(fact.data["verified_on"]), fact.event_id))


RULES = {
    "clue-unverified": unverified,
    "clue-untransferred": untransferred,
    "informant-unanswered": informant_unanswered,
}
