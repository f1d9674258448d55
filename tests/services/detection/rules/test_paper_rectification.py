"""paper-rectification: given what was said of a problem, is the last word that it was put right on paper."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_campaign import problem_found, problem_rechecked, problem_rectified
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, void

RULE = "paper-rectification"
FOUND = problem_found(household_no="H")
ON_PAPER = problem_rectified("2021-04-01", None)
PROPER = problem_rectified("2021-04-01")
FAILED = problem_rechecked("2021-05-01", "not_rectified")


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    return [one.params for one in found(RULE, that_count(raws), closed, without)]


def test_nothing_to_show_for_it_is_found() -> None:
    (finding,) = found(RULE, [FOUND, ON_PAPER], "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.household_no, finding.evidence_count) == (
        "medium",
        {"problem_no": "WT1"},
        {"why": "no_evidence", "since": "2021-04-01"},
        "H",
        2,
    )
    assert seen([FOUND, PROPER]) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([PROPER, FAILED], "recheck"),
        ([ON_PAPER, FAILED], "recheck"),
        ([PROPER, FAILED, problem_rectified("2021-06-01", None)], "no_evidence"),
        ([PROPER, FAILED, problem_rectified("2021-05-01")], "recheck"),  # of one day the recheck is later
        ([PROPER, FAILED, problem_rectified("2021-05-02")], None),
        ([PROPER, FAILED, problem_rechecked("2021-06-01", "holds")], None),
        ([ON_PAPER, problem_rechecked("2021-04-01", "holds")], None),
        ([ON_PAPER, problem_rechecked("2021-05-01", "rebounded")], None),  # which is another matter
        ([problem_rectified("2021-06-01"), ON_PAPER], None),  # whichever came first
    ],
)
def test_the_latest_word_counts(words: list[Raw], why: str | None) -> None:
    assert [one["why"] for one in seen([FOUND, *words])] == ([] if why is None else [why])


def test_what_does_not_count_is_not_there() -> None:
    later = problem_rectified("2021-06-01")
    assert len(seen([FOUND, ON_PAPER, ON_PAPER, later, void(later)])) == 1
    assert seen([void(FOUND), FOUND, ON_PAPER]) == []
    assert seen([FOUND, FAILED, ON_PAPER, void(ON_PAPER)]) == []
    assert seen([FOUND, ON_PAPER, problem_rectified("2021-04-01")]) == []  # one id with two contents
    assert seen([ON_PAPER]) == []  # nobody found it


def test_a_word_dated_ahead_is_there_when_its_day_is_closed() -> None:
    facts = [FOUND, ON_PAPER, problem_rectified("2021-05-01")]
    assert len(seen(facts, "2021-04-30")) == 1
    assert due(RULE, "problem:WT1", facts, "2021-04-30") == "2021-05-01"
    assert seen(facts, "2021-05-01") == []


LAWFUL = {
    "not_rectified": [FOUND, FAILED],
    "recheck_holds": [FOUND, ON_PAPER, problem_rechecked("2021-05-01", "holds")],
    "put_right_later": [FOUND, ON_PAPER, problem_rectified("2021-05-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
