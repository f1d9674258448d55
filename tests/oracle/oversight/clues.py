"""Clues not looked into, not handed over, and informants who heard nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import (
    Found,
    Log,
    clock,
    day_of,
    first,
    in_office,
    later,
    officials_in_office,
)


def unverified(log: Log) -> Iterable[Found]:
    verified = log.by("clues.verified", "clue_no")
    for number, stated in log.by("clues.received", "clue_no").items():
        if _last(stated).data["track"] != "civil_affairs":
            continue
        received_on = min(day_of(clue.data["received_on"]) for clue in stated)
        yield from clock(
            log,
            later(received_on, log.policy("clues.verify_days", received_on, _last(stated).data)),
            first(day_of(fact.data["verified_on"]) for fact in verified[number]),
            clue_no=number,
        )


def untransferred(log: Log) -> Iterable[Found]:
    """Where a cadre is concerned, by the word of the clue or by the roster, and there is something in it."""
    posts = officials_in_office(log)
    transferred = log.by("clues.transferred", "clue_no")
    for clue, verified in _verified(log):
        if verified.data["result"] == "unsubstantiated":
            continue
        received_on = day_of(clue.data["received_on"])
        if not any(
            concerned["cadre"] or in_office(posts.get(concerned.get("official_no"), []), received_on)
            for concerned in clue.data.get("concerned", ())
        ):
            continue
        verified_on, number = day_of(verified.data["verified_on"]), clue.data["clue_no"]
        yield from clock(
            log,
            later(verified_on, log.policy("clues.transfer_days", verified_on, clue.data)),
            first(day_of(fact.data["transferred_on"]) for fact in transferred[number]),
            severity="high",
            clue_no=number,
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
                later(verified_on, log.policy("clues.answer_days", verified_on, clue.data)),
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
