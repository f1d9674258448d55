"""clue-untransferred: given a clue and what was done with it, by when was it to be handed over."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import clue_received, clue_transferred, clue_verified, post
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled

RULE = "clue-untransferred"


CLUE = [clue_received(), clue_verified()]


def seen(raws: list[Raw], closed: str, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(CLUE, "2021-03-25") == []
    assert seen(CLUE, "2021-03-26") == [("high", {"due_on": "2021-03-25"})]
    assert seen(CLUE, "2021-12-31") == [("high", {"due_on": "2021-03-25"})]


def test_it_wakes_when_something_is_there_and_when_it_is_due() -> None:
    assert due(RULE, "clue:X1", CLUE) == "2021-03-01"
    assert due(RULE, "clue:X1", CLUE, "2021-03-05") == "2021-03-10"
    assert due(RULE, "clue:X1", CLUE, "2021-03-10") == "2021-03-26"
    assert due(RULE, "clue:X1", CLUE, "2021-03-26") is None
    assert due(RULE, "clue:X1", [*CLUE, clue_transferred("2021-03-20")], "2021-03-20") is None


def test_done_late_it_stays_with_both_days() -> None:
    late = [*CLUE, clue_transferred("2021-04-02")]
    assert seen(late, "2021-04-01") == [("high", {"due_on": "2021-03-25"})]
    assert seen(late, "2021-04-02") == [("low", {"due_on": "2021-03-25", "done_on": "2021-04-02"})]


def test_the_first_verification_counts() -> None:
    again = clue_verified("2021-05-01", "substantiated", "again")
    assert seen([clue_received(), clue_verified(result="unsubstantiated"), again], "2021-12-31") == []
    assert seen([*CLUE, again], "2021-12-31") == [("high", {"due_on": "2021-03-25"})]


@pytest.mark.parametrize(
    ("posts", "in_office"),
    [
        ([], False),
        ([post("appointed", "2020-01-01")], True),
        ([post("appointed", "2021-03-01")], True),
        ([post("appointed", "2021-03-02")], False),
        ([post("appointed", "2020-01-01"), post("left", "2021-03-01")], True),
        ([post("appointed", "2020-01-01"), post("left", "2021-02-28")], False),
        (
            [
                post("appointed", "2020-01-01"),
                post("appointed", "2021-01-01", "A2"),
                post("left", "2021-02-28"),
            ],
            True,
        ),
    ],
)
def test_whom_it_names_by_number_is_a_cadre_if_in_office_when_it_came_in(
    posts: list[Raw], in_office: bool
) -> None:
    facts = [clue_received(official="O1", cadre=False), clue_verified(), *posts]
    assert len(found(RULE, facts, "2021-12-31")) == in_office


def test_the_days_are_those_in_force_when_it_was_verified_where_its_household_lives() -> None:
    of_household = [clue_received(household_no="H"), clue_verified(), enrolled("H", "乙")]
    policy = [
        adopted("clues.transfer_days", 5, "2021-03-10"),
        adopted("clues.transfer_days", 7, "2021-03-10", "ours", division_prefix="500102008"),
        adopted("clues.transfer_days", 1, "2021-03-11"),
    ]
    assert seen([*CLUE, *policy], "2021-12-31") == [("high", {"due_on": "2021-03-15"})]
    assert seen([*of_household, *policy], "2021-12-31") == [("high", {"due_on": "2021-03-17"})]
    of_its_own = [clue_received(division="500102008201"), clue_verified()]
    assert seen([*of_its_own, *policy], "2021-12-31") == [("high", {"due_on": "2021-03-17"})]
    (finding,) = found(RULE, [*of_household, *policy], "2021-12-31")
    assert (finding.policy, finding.household_no) == ({"clues.transfer_days": 7}, "H")


def test_days_without_end_are_never_over() -> None:
    facts = [*CLUE, adopted("clues.transfer_days", 10**12, "2021-01-01")]
    assert seen(facts, "9999-12-31") == []
    assert due(RULE, "clue:X1", facts, "2021-04-01") is None


LAWFUL = {
    "of_discipline": [clue_received(track="discipline"), clue_verified()],
    "unsubstantiated": [clue_received(), clue_verified(result="unsubstantiated")],
    "no_cadre": [clue_received(cadre=False), clue_verified()],
    "transferred": [*CLUE, clue_transferred("2021-03-25")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause], "2021-12-31") == []
    assert len(seen(LAWFUL[clause], "2021-12-31", clause)) == 1
