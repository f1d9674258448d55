"""informant-unanswered: given a clue and what came of it, was who gave their name told so in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import clue_received, clue_verified
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, void

RULE = "informant-unanswered"
NAMED = clue_received(named=True, household_no="H")
VERIFIED = clue_verified("2021-03-10", "unsubstantiated")
OPEN = [("medium", {"due_on": "2021-04-09"})]


def answered(day: str, verified_on: str = "2021-03-10", id_: str = "verified") -> Raw:
    return clue_verified(verified_on, "unsubstantiated", id_, day)


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, that_count(raws), closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([NAMED, VERIFIED], "2021-04-09") == []
    assert seen([NAMED, VERIFIED], "2021-04-10") == OPEN
    (finding,) = found(RULE, [NAMED, VERIFIED], "2021-12-31")
    assert (finding.key, finding.household_no, finding.evidence_count, finding.policy) == (
        {"clue_no": "X1"},
        "H",
        2,
        {"clues.answer_days": 30},
    )


def test_before_it_was_looked_into_nobody_is_owed_an_answer() -> None:
    assert seen([NAMED]) == []
    assert due(RULE, "clue:X1", [NAMED, VERIFIED], "2021-03-09") == "2021-03-10"
    assert due(RULE, "clue:X1", [NAMED, VERIFIED], "2021-03-10") == "2021-04-10"
    assert due(RULE, "clue:X1", [NAMED, VERIFIED], "2021-04-10") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-03-05", []),  # before it was looked into
        ("2021-04-09", []),
        ("2021-04-10", [("low", {"due_on": "2021-04-09", "done_on": "2021-04-10"})]),
    ],
)
def test_the_day_of_the_answer_counts(day: str, expected: list[Any]) -> None:
    assert seen([NAMED, answered(day)]) == expected


def test_an_answer_that_is_stated_with_a_later_verification_stops_it() -> None:
    assert seen([NAMED, VERIFIED, answered("2021-04-01", "2021-05-01", "again")]) == []
    again = answered("2021-05-01", "2021-05-01", "again")
    assert seen([NAMED, VERIFIED, again]) == [("low", {"due_on": "2021-04-09", "done_on": "2021-05-01"})]
    assert seen([NAMED, answered("2021-04-20"), answered("2021-04-05", "2021-06-01", "again")]) == []
    (finding,) = found(RULE, [NAMED, answered("2021-04-10")], "2021-12-31")
    assert finding.evidence_count == 2  # one fact says both


def test_an_answer_after_the_closed_day_is_not_there_yet() -> None:
    facts = [NAMED, answered("2021-05-01")]
    assert seen(facts, "2021-04-30") == OPEN
    assert due(RULE, "clue:X1", facts, "2021-04-30") == "2021-05-01"
    assert seen(facts, "2021-05-01") == [("low", {"due_on": "2021-04-09", "done_on": "2021-05-01"})]


def test_what_does_not_count_is_not_there() -> None:
    assert seen([NAMED, VERIFIED, void(VERIFIED)]) == []
    assert seen([void(NAMED), NAMED, VERIFIED]) == []
    assert seen([NAMED, NAMED, VERIFIED, VERIFIED]) == OPEN
    assert seen([NAMED, VERIFIED, answered("2021-04-01")]) == []  # two contents: nobody looked into it
    assert (
        seen([NAMED, VERIFIED, answered("2021-05-01", id_="b"), void(answered("2021-05-01", id_="b"))])
        == OPEN
    )


def test_the_days_are_those_in_force_when_it_was_looked_into() -> None:
    policy = [adopted("clues.answer_days", 5, "2021-03-10"), adopted("clues.answer_days", 1, "2021-03-11")]
    assert seen([NAMED, VERIFIED, *policy]) == [("medium", {"due_on": "2021-03-15"})]


LAWFUL = {
    "of_discipline": [clue_received(named=True, track="discipline"), VERIFIED],
    "anonymous": [clue_received(named=False), VERIFIED],
    "answered": [NAMED, answered("2021-04-09")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
