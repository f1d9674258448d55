"""task-behind: given a task and what was reported of it, by when was it to be done, and was it."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_campaign import task_assigned, task_reported
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, void

RULE = "task-behind"
TASK = task_assigned()
OPEN = [("medium", {"due_on": "2021-08-31"})]


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, that_count(raws), closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([TASK], "2021-08-31") == []
    assert seen([TASK], "2021-09-01") == OPEN
    (finding,) = found(RULE, [TASK], "2021-12-31")
    assert (finding.key, finding.evidence_count, finding.policy) == (
        {"task_no": "RW1"},
        1,
        {"campaign.task_days": 15},
    )


def test_it_wakes_when_it_is_there_and_when_it_is_due() -> None:
    assert due(RULE, "task:RW1", [TASK]) == "2021-06-18"
    assert due(RULE, "task:RW1", [TASK], "2021-06-18") == "2021-09-01"
    assert due(RULE, "task:RW1", [TASK], "2021-09-01") is None


@pytest.mark.parametrize("due_on", ["2021-05-31", "2021-06-18", "2021-07-02"])
def test_a_last_day_that_is_too_early_leaves_the_days_that_any_task_has(due_on: str) -> None:
    assert seen([task_assigned(due_on=due_on)]) == [("medium", {"due_on": "2021-07-03"})]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([task_reported("2021-08-31")], []),
        ([task_reported("2021-08-31", 40)], []),  # done decides, whatever the progress
        ([task_reported("2021-06-01")], []),  # before it was assigned
        ([task_reported("2021-08-31", done=False)], OPEN),
        ([task_reported("2021-09-01")], [("low", {"due_on": "2021-08-31", "done_on": "2021-09-01"})]),
        ([task_reported("2021-08-30"), task_reported("2021-09-20")], []),
    ],
)
def test_the_first_report_that_says_done_stops_the_clock(reports: list[Raw], expected: list[Any]) -> None:
    assert seen([TASK, *reports]) == expected


def test_what_is_done_after_the_closed_day_is_not_done_yet() -> None:
    late = [TASK, task_reported("2021-10-01")]
    assert seen(late, "2021-09-30") == OPEN
    assert due(RULE, "task:RW1", late, "2021-09-30") == "2021-10-01"
    assert seen(late, "2021-10-01") == [("low", {"due_on": "2021-08-31", "done_on": "2021-10-01"})]


def test_what_does_not_count_is_not_there() -> None:
    done = task_reported("2021-08-01")
    assert seen([TASK, void(TASK)]) == []
    assert seen([void(TASK), TASK]) == []
    assert seen([TASK, TASK, done, void(done)]) == OPEN
    assert seen([TASK, task_assigned(due_on="2021-09-30")]) == []  # one id with two contents
    assert seen([done]) == []


def test_a_second_statement_gives_the_last_day_and_does_not_start_the_days_again() -> None:
    again = task_assigned("2021-08-25", "2021-08-31", id_="again")
    assert seen([TASK, again]) == OPEN
    assert seen([TASK, task_assigned("2021-08-25", "2021-09-30", id_="again")]) == [
        ("medium", {"due_on": "2021-09-30"})
    ]


def test_the_days_are_those_in_force_when_it_was_assigned_where_its_village_is() -> None:
    policy = [
        adopted("campaign.task_days", 100, "2021-06-18"),
        adopted("campaign.task_days", 110, "2021-06-18", "ours", division_prefix="500102"),
        adopted("campaign.task_days", 1, "2021-06-19"),
    ]
    assert seen([task_assigned(division=None), *policy]) == [("medium", {"due_on": "2021-09-26"})]
    assert seen([TASK, *policy]) == [("medium", {"due_on": "2021-10-06"})]


LAWFUL = {
    "least": ([task_assigned(due_on="2021-05-31")], "2021-07-03"),
    "done": ([TASK, task_reported("2021-08-31")], "2021-12-31"),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == []
    assert len(seen(facts, closed, clause)) == 1
