"""exit-delayed: by when a household must have left once it was found that it should."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import reviewed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, exited

RULE = "exit-delayed"
NAME = "benefit:H"
END = "2021-12-31"

HOUSEHOLD = enrolled("H", "甲", "乙")
FOUND = "2021-03-10"
DUE = "2021-04-09"  # thirty days
STOP = reviewed(FOUND, outcome="stop")


def seen(raws: list[Raw], closed: str = END, without: str = "") -> dict[str, tuple[str, dict[str, Any]]]:
    return {one.key["found_on"]: (one.severity, one.params) for one in found(RULE, raws, closed, without)}


def leaves(day: str, *names: str, found_on: str | None = None, **more: Any) -> Raw:
    stated = {} if found_on is None else {"found_on": found_on}
    return exited("H", "2021-08", *names, decided_on=day, **stated, **more)


OWED = {FOUND: ("medium", {"due_on": DUE})}


def late(day: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {FOUND: ("low", {"due_on": DUE, "done_on": day})}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # as the exit says
        ([HOUSEHOLD, leaves(DUE, found_on=FOUND)], {}),
        ([HOUSEHOLD, leaves("2021-04-10", found_on=FOUND)], late("2021-04-10")),
        ([leaves("2021-04-10", found_on=FOUND)], late("2021-04-10")),
        ([HOUSEHOLD, leaves("2021-04-10")], {}),
        ([HOUSEHOLD, leaves("2021-04-10", found_on=FOUND, exit_kind="death")], {}),
        ([HOUSEHOLD, leaves("2021-04-10", "甲", found_on=FOUND)], late("2021-04-10")),  # a member
        # as a review says
        ([HOUSEHOLD, STOP], OWED),
        ([STOP], OWED),
        ([HOUSEHOLD, STOP, leaves(DUE)], {}),
        ([HOUSEHOLD, STOP, leaves("2021-05-10")], late("2021-05-10")),
        ([HOUSEHOLD, STOP, leaves("2021-05-10", "甲")], OWED),  # one of two
        ([HOUSEHOLD, STOP, leaves("2021-05-10", "甲", "乙")], late("2021-05-10")),
        ([HOUSEHOLD, leaves("2021-03-05"), STOP], {}),  # it was decided before
        ([HOUSEHOLD, reviewed(FOUND, "follow_up", "stop")], {}),
        ([HOUSEHOLD, STOP, reviewed("2021-05-01")], {}),  # taken back
        ([HOUSEHOLD, STOP, reviewed("2021-05-01", "follow_up")], OWED),
        ([HOUSEHOLD, STOP, reviewed("2021-05-01", programme="urban_dibao")], OWED),
        ([HOUSEHOLD, STOP, reviewed("2021-05-01", outcome="stop")], OWED),  # the first of them
        (
            [HOUSEHOLD, STOP, reviewed("2021-05-01"), reviewed("2021-06-01", outcome="stop")],
            {"2021-06-01": ("medium", {"due_on": "2021-07-01"})},
        ),
        # what is said after it left changes nothing
        ([HOUSEHOLD, STOP, leaves("2021-05-10"), reviewed("2021-06-01")], late("2021-05-10")),
        # both, for one exit: the earliest
        ([HOUSEHOLD, STOP, leaves("2021-05-10", found_on="2021-05-01")], late("2021-05-10")),
        (
            [HOUSEHOLD, reviewed("2021-05-01", outcome="stop"), leaves("2021-05-10", found_on=FOUND)],
            late("2021-05-10"),
        ),
        # an earlier spell's exit is none
        (
            [
                enrolled("H", "甲", from_month="2020-01", decided_on="2019-12-20"),
                exited("H", "2020-06", decided_on="2020-05-20"),
                HOUSEHOLD,
                STOP,
            ],
            OWED,
        ),
    ],
)
def test_by_when_it_must_leave(facts: list[Raw], expected: dict[str, tuple[str, dict[str, Any]]]) -> None:
    assert seen(facts) == expected


def test_stated_twice_with_two_days_the_earlier_makes_the_finding() -> None:
    facts = [
        HOUSEHOLD,
        leaves("2021-05-10", found_on="2021-04-01", id_="a"),
        leaves("2021-05-12", found_on=FOUND, id_="b"),
    ]
    assert seen(facts) == late("2021-05-10")


def test_of_several_exits_for_one_day_the_last_is_shown() -> None:
    facts = [HOUSEHOLD, leaves("2021-05-10", "甲", found_on=FOUND), leaves("2021-06-10", found_on=FOUND)]
    assert seen(facts) == late("2021-06-10")


def test_each_spell_has_its_own() -> None:
    facts = [
        HOUSEHOLD,
        STOP,
        exited("H", "2021-05", decided_on="2021-04-20"),
        enrolled("H", "甲", from_month="2021-08", decided_on="2021-07-20"),
        reviewed("2021-09-01"),
    ]
    assert seen(facts) == late("2021-04-20")


def test_the_days_are_those_of_the_day_on_which_it_was_found() -> None:
    quick = adopted("exit.decision_days", 10, FOUND, programme="rural_dibao")
    assert seen([HOUSEHOLD, STOP, quick]) == {FOUND: ("medium", {"due_on": "2021-03-20"})}
    assert seen([HOUSEHOLD, STOP, adopted("exit.decision_days", 10, "2021-03-11")]) == OWED


def test_what_is_dated_ahead_is_not_there_yet() -> None:
    facts = [HOUSEHOLD, STOP, leaves("2021-05-10")]
    assert due(RULE, NAME, facts, "2021-03-01") == FOUND
    assert seen(facts, DUE) == {}
    assert seen(facts, "2021-05-09") == OWED
    assert due(RULE, NAME, facts, "2021-05-09") == "2021-05-10"
    assert seen(facts, "2021-05-10") == late("2021-05-10")


LAWFUL = {
    "died": [HOUSEHOLD, leaves("2021-05-10", found_on=FOUND, exit_kind="death")],
    "taken_back": [HOUSEHOLD, STOP, reviewed("2021-05-01")],
    "in_time": [HOUSEHOLD, STOP, leaves(DUE)],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == {}
    assert len(seen(LAWFUL[clause], without=clause)) == 1
