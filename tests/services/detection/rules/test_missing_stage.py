"""missing-stage: what must have been before a household is enrolled, and what was not."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import applied, board, step
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled

RULE = "missing-stage"
END = "2021-12-31"

ASKED = applied("2021-08-02")
VISIT = step("household_visit", "2021-08-04")
CHECK = step("information_check", "2021-08-05")
HUNG = board("2021-08-06", "2021-08-14")
GRANTED = enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09", application_no="SQ1")
COMPLETE = [ASKED, VISIT, CHECK, HUNG, GRANTED]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[str]:
    return [one.key["stage"] for one in found(RULE, raws, closed, without)]


def without(*facts: Raw) -> list[Raw]:
    return [fact for fact in COMPLETE if fact not in facts]


@pytest.mark.parametrize(
    ("facts", "stages"),
    [
        (COMPLETE, []),
        (without(ASKED), ["application"]),
        (without(VISIT), ["household_visit"]),
        (without(CHECK), ["information_check"]),
        (without(HUNG), ["publicity"]),
        ([GRANTED], ["application", "household_visit", "information_check", "publicity"]),
        ([*without(VISIT), step("household_visit", "2021-08-21")], ["household_visit"]),
        ([*without(VISIT), step("neighbourhood", "2021-08-04")], ["household_visit"]),
        ([*without(HUNG), board("2021-08-06", stage="decision")], ["publicity"]),
        ([*without(HUNG), board("2021-08-06", "2021-08-12")], ["publicity"]),  # six days
        ([*without(HUNG), board("2021-08-14")], ["publicity"]),  # six by then
        # short notices do not add up
        (
            [*without(HUNG), board("2021-08-05", "2021-08-10"), board("2021-08-12", "2021-08-17")],
            ["publicity"],
        ),
        ([*without(HUNG), board("2021-08-13")], []),  # still hanging, for seven days
        ([*without(HUNG), board("2021-08-13", "2021-08-30")], []),
        (without(GRANTED), []),  # nothing is decided
    ],
)
def test_what_is_missing(facts: list[Raw], stages: list[str]) -> None:
    assert seen(facts) == stages


def test_the_first_decision_counts() -> None:
    again = enrolled(
        "H", "甲", decided_on="2021-08-10", from_month="2021-10", application_no="SQ1", id_="again"
    )
    assert seen([*COMPLETE, again]) == ["publicity"]


def test_an_enrolment_that_names_no_application_is_not_judged() -> None:
    assert seen([enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09")]) == []


def test_the_days_on_the_board_are_those_of_the_day_of_the_decision() -> None:
    assert seen([*COMPLETE, adopted("application.publicity_days", 8, "2021-08-20")]) == []
    assert seen([*COMPLETE, adopted("application.publicity_days", 9, "2021-08-20")]) == ["publicity"]
    assert seen([*COMPLETE, adopted("application.publicity_days", 9, "2021-08-21")]) == []


def test_what_it_says() -> None:
    (finding,) = found(RULE, without(VISIT), END)
    assert (finding.severity, finding.params) == ("medium", {"decided_on": "2021-08-20"})
    assert finding.household_no == "H"


def test_it_is_found_when_the_day_of_the_decision_is_closed() -> None:
    facts = without(HUNG)
    assert seen(facts, "2021-08-19") == []
    assert due(RULE, "application:SQ1", facts, "2021-08-19") == "2021-08-20"
    assert seen(facts, "2021-08-20") == ["publicity"]


ON_THE_DAY = [*without(VISIT), step("household_visit", "2021-08-20")]
LAWFUL = {
    "applied": (COMPLETE, 1),
    "investigated": (COMPLETE, 2),
    "publicised": ([*without(HUNG), board("2021-08-06", "2021-08-13")], 1),
    "on_the_day": (ON_THE_DAY, 1),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, more = LAWFUL[clause]
    assert seen(facts) == []
    assert len(seen(facts, without=clause)) == more
