"""ledger-overdue: given a campaign and who had tasks, which ledgers of which quarters were not handed in."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_campaign import campaign_opened, ledger_submitted, task_assigned
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, fact, void

RULE = "ledger-overdue"
NAME = "owing:ZX1/500102008201"
PLAN, TASK = campaign_opened(), task_assigned("2021-06-18")


def asked(ledgers: str, from_: str, **scope: str) -> Raw:
    """The county says which ledgers it asks for."""
    data: dict[str, Any] = {"value": ledgers, "from_": from_, "document": "文件"}
    data |= {"scope": scope} if scope else {}
    return fact("policy.adopted", f"asked-{from_}", parameter="campaign.ledgers", **data)


ONE = asked("households", "2021-01-01")
"""One ledger is asked for, which makes short examples."""
CASE = [PLAN, TASK, ONE]


def seen(raws: list[Raw], closed: str = "2021-09-29", without: str = "") -> list[tuple[str, str, Any, Any]]:
    findings = found(RULE, that_count(raws), closed, without)
    return [
        (one.key["quarter"], one.severity, one.params["due_on"], one.params.get("done_on"))
        for one in findings
    ]


OPEN = [("2021-Q2", "medium", "2021-07-15", None)]


def test_each_ledger_that_is_asked_for_is_found_on_the_day_after_the_day_due() -> None:
    assert seen([PLAN, TASK], "2021-07-15") == []
    findings = found(RULE, [PLAN, TASK], "2021-07-16")
    assert [one.key["ledger"] for one in findings] == [
        *("households", "payments", "custody", "petitions", "rectification"),
    ]
    assert (findings[0].key, findings[0].evidence_count) == (
        {"campaign_no": "ZX1", "division": "500102008201", "ledger": "households", "quarter": "2021-Q2"},
        2,
    )
    assert findings[0].policy["campaign.ledger_days"] == 15


def test_each_quarter_from_that_of_the_first_task_to_that_of_the_last_phase_is_owed_once_it_is_over() -> None:
    assert [one[0] for one in seen(CASE, "2021-12-31")] == ["2021-Q2", "2021-Q3"]
    assert [one[0] for one in seen(CASE, "2022-12-31")] == ["2021-Q2", "2021-Q3", "2021-Q4"]
    later = task_assigned("2021-07-05", id_="later")
    assert [one[0] for one in seen([PLAN, ONE, later], "2021-12-31")] == ["2021-Q3"]
    assert seen([PLAN, ONE, later, TASK]) == OPEN  # its own first task counts


@pytest.mark.parametrize("plan", [[], [campaign_opened(None)], [campaign_opened(day="2023-01-01")]])
def test_a_campaign_without_an_end_owes_up_to_the_current_quarter(plan: list[Raw]) -> None:
    assert [one[0] for one in seen([*plan, TASK, ONE], "2022-07-31")] == [
        *("2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"),
    ]


def test_a_village_without_a_task_owes_nothing() -> None:
    assert seen([PLAN, ONE]) == []
    assert seen([PLAN, ONE, ledger_submitted("2021-08-01")]) == []
    assert seen([PLAN, ONE, task_assigned(division=None)]) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2021-06-29"], OPEN),  # the quarter was not over
        (["2021-06-30"], []),
        (["2021-07-15"], []),
        (["2021-07-16"], [("2021-Q2", "low", "2021-07-15", "2021-07-16")]),
        (["2021-06-29", "2021-07-10", "2021-08-01"], []),
    ],
)
def test_what_is_handed_in_from_the_last_day_of_the_quarter_on_counts(days: list[str], expected: Any) -> None:
    assert seen([*CASE, *(ledger_submitted(day) for day in days)]) == expected


def test_another_ledger_or_quarter_is_not_this_one() -> None:
    assert seen([*CASE, ledger_submitted("2021-07-10", "payments")]) == OPEN
    assert seen([*CASE, ledger_submitted("2021-07-10", quarter="2021-Q3")]) == OPEN


def test_it_wakes_at_the_end_of_each_quarter_and_when_ledgers_are_due() -> None:
    assert due(RULE, NAME, CASE) == "2021-01-05"
    assert due(RULE, NAME, CASE, "2021-06-18") == "2021-06-30"
    assert due(RULE, NAME, CASE, "2021-06-30") == "2021-07-16"
    assert due(RULE, NAME, CASE, "2021-07-16") == "2021-09-30"
    handed_in = [*CASE, ledger_submitted("2021-06-30")]
    assert due(RULE, NAME, handed_in, "2021-06-30") == "2021-09-30"
    assert due(RULE, NAME, CASE, "2021-12-31") == "2022-01-16"
    assert due(RULE, NAME, CASE, "2022-01-16") is None
    assert due(RULE, NAME, [TASK, ONE], "2022-01-16") == "2022-03-31"


def test_what_does_not_count_is_not_there() -> None:
    handed_in = ledger_submitted("2021-07-10")
    assert seen([*CASE, handed_in, handed_in, void(handed_in)]) == OPEN
    assert seen([void(TASK), *CASE]) == []
    late = ledger_submitted("2021-08-01")
    assert seen([*CASE, late], "2021-07-31") == OPEN
    assert due(RULE, NAME, [*CASE, late], "2021-07-31") == "2021-08-01"


def test_days_and_ledgers_are_those_of_the_quarters_last_day() -> None:
    more = asked("kinship screening", "2021-07-01", division_prefix="500102")
    days = [
        adopted("campaign.ledger_days", 5, "2021-06-30"),
        adopted("campaign.ledger_days", 9, "2021-07-01"),
    ]
    assert seen([*CASE, *days]) == [("2021-Q2", "medium", "2021-07-05", None)]
    findings = found(RULE, [*CASE, more], "2021-12-31")
    assert [(one.key["quarter"], one.key["ledger"]) for one in findings] == [
        ("2021-Q2", "households"),
        ("2021-Q3", "kinship"),
        ("2021-Q3", "screening"),
    ]


LAWFUL = {
    "joined_later": ([PLAN, ONE, task_assigned("2021-07-05")], "2021-09-29"),
    "campaign_over": ([campaign_opened("2021-03-31"), ONE, TASK], "2021-09-29"),
    "handed_in": ([*CASE, ledger_submitted("2021-07-15")], "2021-09-29"),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == []
    assert len(seen(facts, closed, clause)) >= 1
