"""rebound: given a problem that was put right, did it come back, and on which day first."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_campaign import problem_found, problem_rechecked, problem_rectified
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, void

RULE = "rebound"
PUT_RIGHT = [problem_found(household_no="H"), problem_rectified("2021-04-01")]


def again(day: str, no: str = "WT2", earlier: str = "WT1") -> Raw:
    return problem_found(no, day, earlier_problem_no=earlier)


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    findings = found(RULE, that_count(raws), closed, without)
    return [one.params for one in findings if one.key == {"problem_no": "WT1"}]


def test_a_problem_that_is_found_again_after_it_was_put_right_has_rebounded() -> None:
    assert seen([*PUT_RIGHT, again("2021-04-01")]) == []
    (finding,) = found(RULE, [*PUT_RIGHT, again("2021-04-02")], "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.household_no, finding.evidence_count) == (
        "high",
        {"problem_no": "WT1"},
        {"again_on": "2021-04-02", "again_no": "WT2"},
        "H",
        3,
    )


def test_a_recheck_may_say_so_and_the_first_day_of_all_counts() -> None:
    rebounded = problem_rechecked("2021-05-01", "rebounded")
    assert seen([*PUT_RIGHT, rebounded]) == [{"again_on": "2021-05-01"}]
    assert seen([*PUT_RIGHT, rebounded, again("2021-06-01")]) == [{"again_on": "2021-05-01"}]
    assert seen([*PUT_RIGHT, again("2021-06-01", "WT3"), again("2021-04-20"), rebounded]) == [
        {"again_on": "2021-04-20", "again_no": "WT2"}
    ]


def test_it_stays_however_well_it_is_put_right_afterwards() -> None:
    after = [problem_rectified("2021-06-01"), problem_rechecked("2021-07-01", "holds")]
    assert seen([*PUT_RIGHT, again("2021-05-01"), *after]) == [{"again_on": "2021-05-01", "again_no": "WT2"}]


def test_the_first_time_that_it_was_put_right_counts() -> None:
    assert len(seen([*PUT_RIGHT, again("2021-05-01"), problem_rectified("2021-05-10")])) == 1


def test_what_repeats_another_or_itself_is_no_rebound() -> None:
    assert seen([*PUT_RIGHT, problem_found("WT2", "2021-05-01")]) == []
    itself = problem_found("WT1", "2021-05-01", id_="itself", earlier_problem_no="WT1")
    assert seen([*PUT_RIGHT, itself]) == []
    assert seen([problem_rectified("2021-04-01"), again("2021-05-01")]) == []  # nobody found it


def test_what_does_not_count_is_not_there() -> None:
    repeat = again("2021-05-01")
    assert seen([*PUT_RIGHT, repeat, void(repeat)]) == []
    assert seen([*PUT_RIGHT, void(repeat), repeat]) == []
    assert seen([*PUT_RIGHT, repeat, void(PUT_RIGHT[1])]) == []
    assert len(seen([*PUT_RIGHT, repeat, repeat])) == 1
    assert seen([*PUT_RIGHT, repeat, again("2021-06-01")]) == []  # one id with two contents


def test_what_is_dated_ahead_is_found_when_its_day_is_closed() -> None:
    facts = [*PUT_RIGHT, again("2021-05-01")]
    assert seen(facts, "2021-04-30") == []
    assert due(RULE, "problem:WT1", facts, "2021-04-30") == "2021-05-01"
    assert len(seen(facts, "2021-05-01")) == 1
    assert due(RULE, "problem:WT1", facts, "2021-05-01") is None


LAWFUL = {
    "not_rectified": [PUT_RIGHT[0], again("2021-05-01")],
    "before": [*PUT_RIGHT, again("2021-03-20")],
    "holds": [*PUT_RIGHT, problem_rechecked("2021-05-01", "holds")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
