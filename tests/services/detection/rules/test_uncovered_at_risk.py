"""uncovered-at-risk: given what was promised to somebody at risk, and what came, did it come in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_screening import concluded, joined, listed, refused
from tests.services.detection.cases_of_supervision import relief_granted
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, died, enrolled, exited, merged

RULE = "uncovered-at-risk"
END = "2021-12-31"
PROMISED = [listed(), concluded("2021-03-20", "rural_dibao")]
OPEN = ("high", {"due_on": "2021-05-19", "outcome": "rural_dibao"})


def low(done_on: str, **more: str) -> tuple[str, dict[str, Any]]:
    return ("low", OPEN[1] | {"done_on": done_on} | more)


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def receives(day: str, **more: Any) -> Raw:
    return enrolled("H", "乙", "甲", decided_on=day, from_month=more.pop("from_month", day[:7]), **more)


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(PROMISED, "2021-05-19") == []
    assert seen(PROMISED, "2021-05-20") == [OPEN]
    (finding,) = found(RULE, PROMISED, END)
    assert (finding.key, finding.policy) == ({"screening_no": "S1"}, {"screening.cover_days": 60})


def test_it_wakes_when_help_is_promised_and_when_it_is_due() -> None:
    assert due(RULE, "screening:S1", PROMISED, "2021-03-02") == "2021-03-20"
    assert due(RULE, "screening:S1", PROMISED, "2021-03-20") == "2021-05-20"
    assert due(RULE, "screening:S1", PROMISED, "2021-05-20") is None


@pytest.mark.parametrize(
    ("decided_on", "expected"), [("2021-05-19", []), ("2021-05-20", [low("2021-05-20")])]
)
def test_a_decision_after_the_day_due_is_late_whatever_its_month(
    decided_on: str, expected: list[Any]
) -> None:
    assert seen([*PROMISED, receives(decided_on, from_month="2021-04")]) == expected


@pytest.mark.parametrize("programme", ["rural_dibao", "urban_dibao", "tekun"])
def test_any_programme_covers(programme: str) -> None:
    assert seen([*PROMISED, receives("2021-04-01", programme=programme)]) == []


def test_others_of_the_household_do_not_cover_and_who_is_added_counts_by_the_day() -> None:
    assert seen([*PROMISED, enrolled("H", "乙", decided_on="2021-04-01")]) == [OPEN]
    household = enrolled("H", "乙")
    assert seen([*PROMISED, household, joined("H", "甲", "2021-06", "2021-05-19")]) == []
    assert seen([*PROMISED, household, joined("H", "甲", "2021-05", "2021-05-20")]) == [low("2021-05-20")]


def test_who_receives_already_is_covered_and_whose_spell_was_over_is_not() -> None:
    named = [listed(household_no="H"), PROMISED[1], receives("2020-01-01")]
    assert seen(named) == []
    assert seen([*named, exited("H", "2021-04")]) == []  # still a member when it was promised
    assert seen([*named, exited("H", "2021-03")]) == [OPEN]
    assert seen([*named, exited("H", "2021-03", "甲")]) == [OPEN]
    # a household that was merged into it left its own number, and takes nobody out of this one
    other = [enrolled("H0", "丙"), exited("H0", "2021-03"), merged("H", "H0", day="2021-02-10")]
    assert seen([*named, *other]) == []
    # where the list names no household it is not known whether that has left: the listing came after it
    assert seen([*PROMISED, receives("2020-01-01")]) == [OPEN]


def test_relief_covers_only_where_it_is_the_outcome() -> None:
    granted = relief_granted("R1", day="2021-05-19")
    assert seen([*PROMISED, granted]) == [OPEN]
    promised = [listed(), concluded("2021-03-20", "temporary_relief")]
    assert seen([*promised, granted]) == []
    assert seen([*promised, relief_granted("R1", day="2021-05-20")]) == [
        low("2021-05-20", outcome="temporary_relief")
    ]
    assert seen([*promised, relief_granted("R1", day="2021-03-10")]) == []  # at once, when it was needed
    assert len(seen([*promised, relief_granted("R1", day="2021-02-28")])) == 1  # for something earlier
    assert len(seen([*promised, relief_granted("R1", "乙", day="2021-04-01")])) == 1
    assert seen([*promised, receives("2021-04-01")]) == []


def test_a_refusal_of_the_application_named_settles_it() -> None:
    named = [listed(), concluded("2021-03-20", "rural_dibao", application_no="A1")]
    assert seen([*named, refused("A1", "2021-05-19")]) == []
    assert seen([*named, refused("A1", "2021-06-01")]) == [low("2021-06-01")]
    assert seen([*named, refused("A2", "2021-05-01")]) == [OPEN]
    assert seen([*PROMISED, refused("A1", "2021-05-01")]) == [OPEN]


def test_the_last_outcome_counts_from_when_it_was_first_said() -> None:
    again = concluded("2021-04-20", "rural_dibao")
    assert seen([*PROMISED, again]) == [OPEN]
    first = [listed(), concluded("2021-03-10", "temporary_relief")]
    assert seen([*first, PROMISED[1], again]) == [OPEN]
    assert seen([*PROMISED, concluded("2021-04-20", "watched")]) == []


@pytest.mark.parametrize(("day", "owed"), [("2021-05-19", 0), ("2021-05-20", 1)])
def test_who_died_by_the_day_due_is_owed_nothing(day: str, owed: int) -> None:
    assert len(seen([*PROMISED, died("甲", day)])) == owed


def test_the_days_are_those_of_the_day_on_which_it_was_promised() -> None:
    policy = [
        adopted("screening.cover_days", 10, "2021-03-20", division_prefix="500102008"),
        adopted("screening.cover_days", 1, "2021-03-21"),
    ]
    assert seen([*PROMISED, *policy]) == [("high", OPEN[1] | {"due_on": "2021-03-30"})]


LAWFUL = {
    "no_help": [listed(), concluded("2021-03-20", "watched")],
    "died": [*PROMISED, died("甲", "2021-05-19")],
    "member": [*PROMISED, receives("2021-04-10")],
    "relieved": [
        listed(),
        concluded("2021-03-20", "temporary_relief"),
        relief_granted("R1", day="2021-04-01"),
    ],
    "refused": [
        listed(),
        concluded("2021-03-20", "rural_dibao", application_no="A1"),
        refused("A1", "2021-04-10"),
    ],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
