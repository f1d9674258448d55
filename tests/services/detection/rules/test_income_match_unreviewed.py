"""income-match-unreviewed: by when somebody must look into what another register knows."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import compared, looked_into
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, exited, fact, merged, person_of

RULE = "income-match-unreviewed"
NAME = "match:BD1"
END = "2021-12-31"

HIT = compared("2021-03-01")
DUE = "2021-03-31"  # thirty days


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


OWED = [("medium", {"due_on": DUE})]


def late(day: str) -> list[tuple[str, dict[str, Any]]]:
    return [("low", {"due_on": DUE, "done_on": day})]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([HIT], OWED),
        ([HIT, looked_into("2021-03-31")], []),
        ([HIT, looked_into("2021-03-31", "confirmed")], []),
        ([HIT, looked_into("2021-04-01")], late("2021-04-01")),
        ([looked_into("2021-03-01")], []),  # at once
        # said again, it was looked into when that was said first
        ([HIT, looked_into("2021-03-20"), looked_into("2021-04-10", "confirmed")], []),
        # taken back, and looked into again
        ([HIT, looked_into("2021-03-20"), compared(stated="2021-03-25")], OWED),
        (
            [HIT, looked_into("2021-03-20"), compared(stated="2021-03-25"), looked_into("2021-04-10")],
            late("2021-04-10"),
        ),
        # an error, as was found: there was nothing
        ([HIT, compared(hit=False, stated="2021-03-15")], []),
        ([HIT, compared(hit=False, stated="2021-04-02")], late("2021-04-02")),
        ([compared(hit=False), compared(stated="2021-03-05")], OWED),
        ([compared(hit=False)], []),
    ],
)
def test_the_last_statement_decides_and_the_first_that_agrees_with_it_when(
    statements: list[Raw], expected: list[tuple[str, dict[str, Any]]]
) -> None:
    assert seen(statements) == expected
    assert seen([*reversed(statements)]) == expected


def test_what_was_looked_into_after_the_closed_day_is_not_done_yet() -> None:
    facts = [HIT, looked_into("2021-04-10", stated="2021-04-11")]
    assert seen(facts, DUE) == []
    assert due(RULE, NAME, facts, DUE) == "2021-04-01"
    assert seen(facts, "2021-04-09") == OWED
    assert due(RULE, NAME, facts, "2021-04-09") == "2021-04-10"
    assert seen(facts, "2021-04-10") == late("2021-04-10")
    assert due(RULE, NAME, facts, "2021-04-10") is None


def test_the_days_are_those_of_the_day_of_the_comparison_and_of_the_household() -> None:
    quick = adopted("comparison.review_days", 10, "2021-03-01", programme="rural_dibao")
    assert seen([HIT, quick]) == OWED
    assert seen([HIT, quick, enrolled("H", "甲")]) == [("medium", {"due_on": "2021-03-11"})]
    after = adopted("comparison.review_days", 10, "2021-03-02")
    assert seen([HIT, after]) == OWED


HOUSEHOLD = enrolled("H", "甲", "乙")
REMOVED = fact(
    "enrollment.members_changed",
    "removed",
    "2021-03-10T09:00:00+08:00",
    household_no="H",
    programme="rural_dibao",
    from_month="2021-04",
    removed=[{"person": person_of("甲"), "reason": "分户"}],
)


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        ([HOUSEHOLD], True),
        ([HOUSEHOLD, exited("H", "2021-04", decided_on="2021-03-30")], False),
        ([HOUSEHOLD, exited("H", "2021-04", decided_on=DUE)], True),  # not before it
        ([HOUSEHOLD, exited("H", "2021-04", "甲", decided_on="2021-03-30")], False),
        ([HOUSEHOLD, exited("H", "2021-04", "乙", decided_on="2021-03-30")], True),
        ([HOUSEHOLD, REMOVED], False),
        # a household that was merged into it left its own number, and takes nobody out of this one
        (
            [
                HOUSEHOLD,
                enrolled("H0", "丙"),
                exited("H0", "2021-04", decided_on="2021-03-20"),
                merged("H", "H0", day="2021-03-25"),
            ],
            True,
        ),
        (
            [
                HOUSEHOLD,
                enrolled("H", "甲", programme="tekun"),
                exited("H", "2021-04", decided_on="2021-03-30"),
            ],
            True,  # still in the other one
        ),
        (
            [
                HOUSEHOLD,
                exited("H", "2021-03", decided_on="2021-02-10"),
                enrolled("H", "甲", from_month="2021-04", decided_on="2021-03-20"),
            ],
            True,  # and came back
        ),
    ],
)
def test_who_left_need_not_be_looked_into(facts: list[Raw], owed: bool) -> None:
    assert seen([HIT, *facts]) == (OWED if owed else [])


LAWFUL = {
    "no_hit": [compared(hit=False)],
    "reviewed": [looked_into("2021-03-20")],
    "left": [HIT, HOUSEHOLD, exited("H", "2021-04", decided_on="2021-03-30")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
