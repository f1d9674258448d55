"""kinship-unreviewed: given a filing of a relative and its reviews, was the household visited in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    in_force,
    kin_declared,
    kin_reviewed,
    other_ways_of,
)
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, enrolled, exited

RULE = "kinship-unreviewed"
END = "2021-12-31"
FILED = [HOUSEHOLD, kin_declared("2021-03-01")]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(FILED, "2021-04-30") == []
    assert due(RULE, "filing:Q1", FILED, "2021-04-30") == "2021-05-01"
    assert seen(FILED, "2021-05-01") == [("medium", {"due_on": "2021-04-30"})]
    (finding,) = found(RULE, FILED, END)
    assert (finding.key, finding.household_no) == ({"filing_no": "Q1"}, "H")
    assert (finding.policy, finding.evidence_count) == ({"kinship.review_days": 60}, 1)


@pytest.mark.parametrize(
    ("reviews", "severity", "done_on"),
    [
        ([kin_reviewed("2021-04-30")], None, None),
        ([kin_reviewed("2021-05-01")], "low", "2021-05-01"),
        ([kin_reviewed("2021-04-10", visited=False)], "medium", None),  # on paper
        ([kin_reviewed("2021-04-10", visited=False), kin_reviewed("2021-06-01")], "low", "2021-06-01"),
        ([kin_reviewed("2021-06-01"), kin_reviewed("2021-07-01")], "low", "2021-06-01"),  # the first one
        ([kin_reviewed("2021-02-20")], None, None),  # before it was filed
        ([kin_reviewed("2021-04-10", "not_related")], None, None),
    ],
)
def test_a_review_with_a_visit_stops_it(
    reviews: list[Raw], severity: str | None, done_on: str | None
) -> None:
    done = {} if done_on is None else {"done_on": done_on}
    expected = [] if severity is None else [(severity, {"due_on": "2021-04-30"} | done)]
    assert seen([*FILED, *reviews]) == expected


def test_a_review_after_the_closed_day_is_not_there_yet() -> None:
    late = [*FILED, kin_reviewed("2021-06-01")]
    assert seen(late, "2021-05-31") == [("medium", {"due_on": "2021-04-30"})]
    assert due(RULE, "filing:Q1", late, "2021-05-31") == "2021-06-01"


def test_a_second_statement_does_not_start_it_again_but_says_of_whom_it_is() -> None:
    again = kin_declared("2021-04-01", household_no="OTHER")
    assert seen([*FILED, again]) == []
    other = enrolled("OTHER", "丁", from_month="2020-01")
    assert seen([*FILED, again, other]) == [("medium", {"due_on": "2021-04-30"})]
    assert found(RULE, [*FILED, again, other], END)[0].household_no == "OTHER"


def test_the_household_receives_that_programme_in_the_month_of_the_day_due() -> None:
    assert seen([*FILED, exited("H", "2021-04", decided_on="2021-03-20")]) == []
    assert len(seen([*FILED, exited("H", "2021-05", decided_on="2021-03-20")])) == 1
    assert seen([kin_declared("2021-03-01")]) == []
    assert seen([HOUSEHOLD, kin_declared("2021-03-01", programme="tekun")]) == []
    decided_later = [*FILED, exited("H", "2021-04", decided_on="2021-06-20")]
    assert (len(seen(decided_later, "2021-06-19")), seen(decided_later, "2021-06-20")) == (1, [])


def test_the_days_are_those_in_force_when_it_was_filed_for_its_programme() -> None:
    policy = [
        in_force("kinship.review_days", 30, "2021-03-01"),
        in_force("kinship.review_days", 10, "2021-03-02"),
    ]
    assert seen([*FILED, *policy]) == [("medium", {"due_on": "2021-03-31"})]
    ours = in_force("kinship.review_days", 20, "2021-01-01", programme="rural_dibao")
    two = [*FILED, enrolled("H", "甲", programme="tekun", from_month="2020-01")]
    assert seen([*two, *policy, ours]) == [("medium", {"due_on": "2021-03-21"})]
    there = in_force("kinship.review_days", 25, "2021-01-01", division_prefix="500103")
    moved = [HOUSEHOLD, kin_declared("2021-03-01", division="500103001001")]
    assert seen([*moved, there]) == [("medium", {"due_on": "2021-03-26"})]
    assert seen([*FILED, there]) == [("medium", {"due_on": "2021-04-30"})]


@pytest.mark.parametrize("way", other_ways_of(FILED[1], post="主任"))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways_of(FILED[1], post="主任")[way]
    assert len(seen(that_count([HOUSEHOLD, *facts]))) == counts


LAWFUL: dict[str, list[Raw]] = {
    "receives_no_more": [*FILED, exited("H", "2021-04", decided_on="2021-03-20")],
    "reviewed": [*FILED, kin_reviewed("2021-04-30")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
