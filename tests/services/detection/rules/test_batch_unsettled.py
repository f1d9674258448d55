"""batch-unsettled: given a batch and the bank's answer, was it there in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_funds import settled, submitted
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted

RULE = "batch-unsettled"
END = "2021-12-31"


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([submitted()], "2021-04-10") == []
    assert seen([submitted()], "2021-04-11") == [("medium", {"due_on": "2021-04-10"})]
    (finding,) = found(RULE, [submitted()], END)
    assert (finding.key, finding.policy) == ({"batch_no": "B1"}, {"funds.settle_days": 10})


def test_it_wakes_when_it_went_to_the_bank_and_when_the_answer_is_due() -> None:
    assert due(RULE, "batch:B1", [submitted()]) == "2021-03-20"
    assert due(RULE, "batch:B1", [submitted()], "2021-03-20") == "2021-04-11"
    assert due(RULE, "batch:B1", [submitted()], "2021-04-11") is None
    assert due(RULE, "batch:B1", [submitted(), settled("2021-04-09")], "2021-03-20") == "2021-04-09"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["2021-04-10"], []),
        (["2021-04-11"], [("low", {"due_on": "2021-04-10", "done_on": "2021-04-11"})]),
        (["2021-04-11", "2021-05-01"], [("low", {"due_on": "2021-04-10", "done_on": "2021-04-11"})]),
        (["2021-03-30", "2021-05-01"], []),  # corrected later
    ],
)
def test_the_first_answer_stops_it(answers: list[str], expected: list[Any]) -> None:
    assert seen([submitted(), *map(settled, answers)]) == expected


def test_an_answer_after_the_closed_day_is_not_there_yet() -> None:
    facts = [submitted(), settled("2021-05-01")]
    assert seen(facts, "2021-04-30") == [("medium", {"due_on": "2021-04-10"})]
    assert seen(facts, "2021-05-01") == [("low", {"due_on": "2021-04-10", "done_on": "2021-05-01"})]


def test_a_batch_that_is_submitted_again_is_due_by_its_last_month() -> None:
    again = submitted("again", month="2021-04", decided_on="2021-04-12", to_bank_on="2021-04-20")
    assert seen([submitted(), again]) == [("medium", {"due_on": "2021-05-10"})]


def test_an_answer_without_a_batch_is_none_of_this_rules() -> None:
    assert seen([settled()]) == []


def test_the_days_are_those_of_the_months_last_day_and_of_its_programme() -> None:
    policy = [
        adopted("funds.settle_days", 3, "2021-03-31"),
        adopted("funds.settle_days", 5, "2021-03-31", "ours", programme="rural_dibao"),
        adopted("funds.settle_days", 1, "2021-04-01"),
    ]
    assert seen([submitted(), *policy]) == [("medium", {"due_on": "2021-04-05"})]
    assert seen([submitted(programme="tekun"), *policy]) == [("medium", {"due_on": "2021-04-03"})]


LAWFUL = {"settled": [submitted(), settled("2021-03-25")]}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
