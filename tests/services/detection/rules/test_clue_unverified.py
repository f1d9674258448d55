"""clue-unverified: given a clue, by when was it to be looked into, and was it."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import clue_received, clue_verified, petition
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, enrolled, void

RULE = "clue-unverified"
CLUE = clue_received()  # of 2021-03-01
OPEN = [("medium", {"due_on": "2021-04-30"})]


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, that_count(raws), closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([CLUE], "2021-04-30") == []
    assert seen([CLUE], "2021-05-01") == OPEN
    (finding,) = found(RULE, [clue_received(household_no="H")], "2021-12-31")
    assert (finding.key, finding.household_no, finding.policy) == (
        {"clue_no": "X1"},
        "H",
        {"clues.verify_days": 60},
    )


def test_it_wakes_when_it_is_there_and_when_it_is_due() -> None:
    assert due(RULE, "clue:X1", [CLUE]) == "2021-03-01"
    assert due(RULE, "clue:X1", [CLUE], "2021-03-01") == "2021-05-01"
    assert due(RULE, "clue:X1", [CLUE], "2021-05-01") is None


@pytest.mark.parametrize(
    ("verified_on", "expected"),
    [
        ("2021-02-27", []),  # before the clock began
        ("2021-04-30", []),
        ("2021-05-01", [("low", {"due_on": "2021-04-30", "done_on": "2021-05-01"})]),
    ],
)
def test_whatever_came_of_it_stops_the_clock(verified_on: str, expected: list[Any]) -> None:
    for result in ("substantiated", "unsubstantiated"):
        assert seen([CLUE, clue_verified(verified_on, result)]) == expected


def test_what_is_done_after_the_closed_day_is_not_done_yet() -> None:
    late = [CLUE, clue_verified("2021-06-01")]
    assert seen(late, "2021-05-31") == OPEN
    assert due(RULE, "clue:X1", late, "2021-05-31") == "2021-06-01"
    assert seen(late, "2021-06-01") == [("low", {"due_on": "2021-04-30", "done_on": "2021-06-01"})]


def test_what_does_not_count_is_not_there() -> None:
    verified = clue_verified("2021-04-01")
    assert seen([CLUE, void(CLUE)]) == []
    assert seen([void(CLUE), CLUE]) == []
    assert seen([CLUE, CLUE, verified, void(verified)]) == OPEN
    assert seen([CLUE, verified, clue_verified("2021-04-02")]) == OPEN  # one id with two contents
    assert seen([verified]) == []  # nobody received it


def test_a_second_statement_does_not_start_the_clock_again_but_says_whose_it_is() -> None:
    again = clue_received(received_on="2021-04-01") | {"id": "again"}
    given_away = clue_received(received_on="2021-04-01", track="discipline") | {"id": "again"}
    assert seen([CLUE, again]) == OPEN
    assert seen([CLUE, given_away]) == []
    assert seen([CLUE, given_away], "2021-03-31") == []
    assert due(RULE, "clue:X1", [CLUE, given_away], "2021-03-31") == "2021-04-01"


def test_the_days_are_those_in_force_when_it_was_received_where_it_belongs() -> None:
    policy = [
        adopted("clues.verify_days", 10, "2021-03-01"),
        adopted("clues.verify_days", 20, "2021-03-01", "ours", division_prefix="500102008"),
        adopted("clues.verify_days", 5, "2021-03-02"),
    ]
    assert seen([CLUE, *policy]) == [("medium", {"due_on": "2021-03-11"})]
    twenty = [("medium", {"due_on": "2021-03-21"})]
    assert seen([clue_received(division="500102008201"), *policy]) == twenty
    assert seen([clue_received(household_no="H"), enrolled("H", "乙"), *policy]) == twenty
    assert seen([clue_received(petition_no="XF1"), petition("filed", "2021-03-01"), *policy]) == twenty
    elsewhere = clue_received(household_no="H", division="500103001001")
    assert seen([elsewhere, enrolled("H", "乙"), *policy]) == [("medium", {"due_on": "2021-03-11"})]


LAWFUL = {
    "of_discipline": [clue_received(track="discipline")],
    "verified": [CLUE, clue_verified("2021-04-30")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
