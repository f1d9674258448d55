"""application-clock: by which working day an application is looked into, decided, and its refusal written."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import applied, refused, relief, step
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, year_arranged

RULE = "application-clock"
END = "2021-12-31"

APPLIED = applied()  # 2021-08-02, a Monday
BEFORE = applied("2021-06-01")  # under 220号
VISITED = step("household_visit", "2021-08-04")


def seen(raws: list[Raw], closed: str = END, without: str = "") -> dict[str, tuple[str, dict[str, Any]]]:
    return {one.key["stage"]: (one.severity, one.params) for one in found(RULE, raws, closed, without)}


def approved(day: str, **more: Any) -> Raw:
    return enrolled("H", "甲", decided_on=day, from_month="2022-01", application_no="SQ1", **more)


@pytest.mark.parametrize(
    ("facts", "stage", "due_on"),
    [
        ([APPLIED], "investigation", "2021-08-05"),  # three working days since 57号
        ([BEFORE], "investigation", "2021-06-15"),  # ten before it
        ([applied("2021-06-30")], "investigation", "2021-07-14"),  # by the value of its own day
        ([APPLIED, applied("2021-09-01", "again")], "investigation", "2021-08-05"),  # the first begins it
        ([APPLIED, VISITED], "decision", "2021-09-13"),  # thirty working days
        ([applied(delegated=True), VISITED], "decision", "2021-08-30"),  # twenty in the township
        ([APPLIED, step("household_visit", "2021-08-04", "doubtful")], "decision", "2021-10-04"),
        (
            [applied(delegated=True), step("household_visit", "2021-08-30", "doubtful")],
            "decision",
            "2021-10-04",
        ),
        ([APPLIED, VISITED, step("neighbourhood", "2021-09-14", "doubtful")], "decision", "2021-09-13"),
        ([APPLIED, refused("2021-08-05")], "notice", "2021-08-10"),  # three working days after it
        ([APPLIED, refused("2021-08-05"), refused("2021-08-20", id_="again")], "notice", "2021-08-10"),
    ],
)
def test_by_when_a_stage_is_due(facts: list[Raw], stage: str, due_on: str) -> None:
    assert seen(facts)[stage] == ("medium", {"due_on": due_on})
    assert stage not in seen(facts, due_on)
    assert due(RULE, "application:SQ1", facts, due_on) is not None


@pytest.mark.parametrize(
    ("facts", "stage", "due_on", "done_on"),
    [
        ([APPLIED, step("information_check", "2021-08-06")], "investigation", "2021-08-05", "2021-08-06"),
        ([BEFORE, step("household_visit", "2021-06-16")], "investigation", "2021-06-15", "2021-06-16"),
        ([APPLIED, approved("2021-08-20")], "investigation", "2021-08-05", "2021-08-20"),
        ([APPLIED, VISITED, approved("2021-09-14")], "decision", "2021-09-13", "2021-09-14"),
        ([APPLIED, VISITED, refused("2021-09-14", "2021-09-15")], "decision", "2021-09-13", "2021-09-14"),
        ([APPLIED, VISITED, refused("2021-08-05", "2021-08-11")], "notice", "2021-08-10", "2021-08-11"),
    ],
)
def test_what_was_done_late_is_low(facts: list[Raw], stage: str, due_on: str, done_on: str) -> None:
    assert seen(facts)[stage] == ("low", {"due_on": due_on, "done_on": done_on})
    # Until that day it had not been done.
    day_before = f"{done_on[:8]}{int(done_on[8:]) - 1:02d}"
    before = seen(facts, day_before).get(stage)
    assert before == (("medium", {"due_on": due_on}) if day_before > due_on else None)
    assert due(RULE, "application:SQ1", facts, day_before) == done_on


def test_the_visit_alone_began_an_investigation_until_57() -> None:
    assert "investigation" in seen([BEFORE, step("information_check", "2021-06-02")])
    assert "investigation" not in seen([BEFORE, step("household_visit", "2021-06-15")])
    named = adopted("application.investigation_steps", "neighbourhood democratic_review", "2021-07-01")  # type: ignore[arg-type]
    assert "investigation" in seen([APPLIED, named, VISITED])
    assert "investigation" not in seen([APPLIED, named, step("democratic_review", "2021-08-05")])


def test_a_changed_number_of_days_holds_from_its_day_on() -> None:
    longer = adopted("application.investigation_days", 5, "2021-08-03")
    assert seen([APPLIED, longer])["investigation"][1] == {"due_on": "2021-08-05"}
    assert seen([applied("2021-08-03"), longer])["investigation"][1] == {"due_on": "2021-08-10"}


def test_days_off_are_not_counted_and_make_up_days_are() -> None:
    year = year_arranged(2021, ["2021-08-03", "2021-08-04"], ["2021-08-07"])
    assert seen([APPLIED, year])["investigation"][1] == {"due_on": "2021-08-07"}
    assert seen([APPLIED, year, step("household_visit", "2021-08-07")], "2021-08-31") == {}


def test_evidence_names_each_fact_once() -> None:
    facts = [APPLIED, VISITED, refused("2021-08-05", "2021-08-11")]
    (finding,) = found(RULE, facts, END)
    assert (finding.evidence_count, len(finding.evidence), finding.household_no) == (1, 1, "H")


WITHOUT_NUMBER = enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09")
FOR_RELIEF = applied(programme="temporary_relief", household_no="H9")
LAWFUL: dict[str, tuple[list[Raw], str]] = {
    "days_off": ([applied("2021-08-06")], "2021-08-11"),  # a Friday
    "any_step": ([APPLIED, step("information_check", "2021-08-05")], "2021-08-31"),
    "decided": ([APPLIED, approved("2021-08-05")], "2021-08-31"),
    "doubtful": ([APPLIED, step("household_visit", "2021-08-04", "doubtful")], "2021-10-04"),
    "no_number": ([APPLIED, VISITED, WITHOUT_NUMBER], END),
    "relief": ([FOR_RELIEF, VISITED, relief("2021-08-20")], END),
    "done": ([APPLIED, VISITED], "2021-08-31"),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == {}
    assert len(seen(facts, closed, clause)) == 1


@pytest.mark.parametrize(
    "decision",
    [
        enrolled("H", "甲", decided_on="2021-07-30", from_month="2021-08"),  # an earlier spell
        enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09", programme="tekun"),
        enrolled("H2", "甲", decided_on="2021-08-20", from_month="2021-09"),
        enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09", application_no="SQ2"),
        relief("2021-08-20"),  # nobody asked for it
    ],
)
def test_what_decides_something_else_is_no_decision(decision: Raw) -> None:
    assert "decision" in seen([APPLIED, VISITED, decision])


def test_relief_for_the_household_decides_and_for_somebody_else_does_not() -> None:
    of_household = relief("2021-08-20", "乙", household_no="H9")
    assert seen([FOR_RELIEF, VISITED, of_household]) == {}
    assert "decision" in seen([FOR_RELIEF, VISITED, relief("2021-08-20", "乙")])
    assert "decision" in seen([FOR_RELIEF, VISITED, relief("2021-08-01")])


def test_a_refusal_alone_has_its_clock_in_the_scope_that_it_states() -> None:
    quick = adopted("application.notice_days", 1, "2021-01-01", programme="rural_dibao")
    assert seen([refused("2021-08-05"), quick]) == {"notice": ("medium", {"due_on": "2021-08-06"})}
