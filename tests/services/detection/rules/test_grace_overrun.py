"""grace-overrun: by when it must be decided how a household goes on that earns."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import grace, reviewed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, exited

RULE = "grace-overrun"
NAME = "benefit:H"
END = "2022-12-31"

HOUSEHOLD = enrolled("H", "甲", "乙")
GRACE = grace("2021-04", "2021-06", "2021-03-10")
DUE = "2021-07-30"  # thirty days after the last of June


def seen(raws: list[Raw], closed: str = END, without: str = "") -> dict[str, tuple[str, dict[str, Any]]]:
    return {one.key["from_month"]: (one.severity, one.params) for one in found(RULE, raws, closed, without)}


def late(due_on: str, day: str) -> tuple[str, dict[str, Any]]:
    return "low", {"due_on": due_on, "done_on": day}


OWED = {"2021-04": ("medium", {"due_on": DUE})}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([HOUSEHOLD, GRACE], OWED),
        ([GRACE], OWED),  # whatever is known of the household
        (
            [HOUSEHOLD, grace("2021-04", "2021-12", "2021-03-10")],
            {"2021-04": ("medium", {"due_on": "2021-10-30"})},
        ),
        ([HOUSEHOLD, GRACE, reviewed("2021-06-01")], {}),  # in the last month
        ([HOUSEHOLD, GRACE, reviewed("2021-05-31")], OWED),  # before it
        ([HOUSEHOLD, GRACE, reviewed(DUE)], {}),
        ([HOUSEHOLD, GRACE, reviewed("2021-07-31")], {"2021-04": late(DUE, "2021-07-31")}),
        ([HOUSEHOLD, GRACE, reviewed("2021-07-01", "follow_up")], OWED),
        ([HOUSEHOLD, GRACE, reviewed("2021-07-01", programme="urban_dibao")], OWED),
        ([HOUSEHOLD, GRACE, exited("H", "2021-08", decided_on="2021-07-15")], {}),
        ([HOUSEHOLD, GRACE, exited("H", "2021-05", decided_on="2021-04-15")], {}),  # it left before
        (
            [HOUSEHOLD, GRACE, exited("H", "2021-09", decided_on="2021-08-15")],
            {"2021-04": late(DUE, "2021-08-15")},
        ),
        ([HOUSEHOLD, GRACE, exited("H", "2021-08", "甲", decided_on="2021-07-15")], OWED),  # only one left
        ([HOUSEHOLD, GRACE, exited("H", "2021-08", "甲", "乙", decided_on="2021-07-15")], {}),
        (
            # an earlier spell's
            [
                enrolled("H", "甲", from_month="2020-01", decided_on="2019-12-20"),
                exited("H", "2020-06", decided_on="2020-05-20"),
                HOUSEHOLD,
                GRACE,
            ],
            OWED,
        ),
    ],
)
def test_what_must_be_decided(facts: list[Raw], expected: dict[str, tuple[str, dict[str, Any]]]) -> None:
    assert seen(facts) == expected


def test_grants_in_a_row_decide_the_one_before_and_have_six_months_in_all() -> None:
    second = grace("2021-07", "2021-12", "2021-06-20")
    assert seen([HOUSEHOLD, GRACE, second]) == {"2021-07": ("medium", {"due_on": "2021-10-30"})}
    decided_late = grace("2021-07", "2021-09", "2021-08-01")
    assert seen([HOUSEHOLD, GRACE, decided_late]) == {
        "2021-04": late(DUE, "2021-08-01"),
        "2021-07": ("medium", {"due_on": "2021-10-30"}),
    }
    third = grace("2021-10", "2021-11", "2021-09-10")
    assert seen([HOUSEHOLD, GRACE, grace("2021-07", "2021-09", "2021-06-20"), third]) == {
        "2021-10": ("medium", {"due_on": "2021-10-30"}),
    }
    apart = grace("2021-08", "2021-12", "2021-06-20")
    assert seen([HOUSEHOLD, GRACE, apart]) == OWED | {"2021-08": ("medium", {"due_on": "2022-01-30"})}


def test_stated_again_the_last_statement_describes_it() -> None:
    again = grace("2021-04", "2021-05", "2021-03-20", "again")
    assert seen([HOUSEHOLD, GRACE, again]) == {"2021-04": ("medium", {"due_on": "2021-06-30"})}


def test_the_months_are_those_of_the_grant_and_the_days_those_of_its_end() -> None:
    months = adopted("grace.months", 2, "2021-03-10", programme="rural_dibao")
    assert seen([HOUSEHOLD, GRACE, months]) == {"2021-04": ("medium", {"due_on": "2021-06-30"})}
    assert seen([HOUSEHOLD, GRACE, adopted("grace.months", 2, "2021-03-11")]) == OWED
    days = adopted("grace.decision_days", 10, "2021-06-30")
    assert seen([HOUSEHOLD, GRACE, days]) == {"2021-04": ("medium", {"due_on": "2021-07-10"})}
    assert seen([HOUSEHOLD, GRACE, adopted("grace.decision_days", 10, "2021-07-01")]) == OWED


def test_it_is_looked_at_when_the_day_due_is_over() -> None:
    facts = [HOUSEHOLD, GRACE]
    assert due(RULE, NAME, facts, "2021-03-31") == "2021-07-31"
    assert seen(facts, DUE) == {}
    assert seen(facts, "2021-07-31") == OWED
    (finding,) = found(RULE, facts, END)
    assert finding.key == {"household_no": "H", "programme": "rural_dibao", "from_month": "2021-04"}


LAWFUL = {
    "left": [HOUSEHOLD, GRACE, exited("H", "2021-08", decided_on="2021-07-15")],
    "reviewed": [HOUSEHOLD, GRACE, reviewed("2021-07-15")],
    "granted_again": [HOUSEHOLD, GRACE, grace("2021-07", "2021-09", "2021-06-20"), reviewed("2021-09-15")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == {}
    assert len(seen(LAWFUL[clause], without=clause)) >= 1
