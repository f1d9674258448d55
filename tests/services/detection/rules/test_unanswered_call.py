"""unanswered-call: given a call that nobody took, had somebody to, and by when was it to be returned."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_hotline import answered, called, rostered
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, void, year_arranged

RULE = "unanswered-call"
MISSED, DUTY = called(picked_up=False), rostered()  # on 2021-03-01, a Monday
CASE = [MISSED, DUTY]
OPEN = [("medium", {"due_on": "2021-03-02"})]


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, that_count(raws), closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(CASE, "2021-03-02") == []
    assert seen(CASE, "2021-03-03") == OPEN
    (finding,) = found(RULE, CASE, "2021-12-31")
    assert (finding.key, finding.evidence_count, finding.policy) == (
        {"call_no": "RX1"},
        2,
        {"hotline.call_back_working_days": 1},
    )


def test_it_wakes_when_it_is_there_and_when_it_is_due() -> None:
    assert due(RULE, "call:RX1", CASE) == "2021-03-01"
    assert due(RULE, "call:RX1", CASE, "2021-03-01") == "2021-03-03"
    assert due(RULE, "call:RX1", CASE, "2021-03-03") is None


@pytest.mark.parametrize(
    ("at", "on_duty"),
    [
        ("2021-03-01T08:29", False),
        ("2021-03-01T08:30", True),  # the minute it begins is in
        ("2021-03-01T17:29", True),
        ("2021-03-01T17:30", False),  # the minute it ends is out
        ("2021-03-02T10:00", False),
    ],
)
def test_it_is_owed_where_it_fell_into_a_turn_of_duty(at: str, on_duty: bool) -> None:
    assert bool(seen([called(at, picked_up=False), DUTY])) == on_duty


@pytest.mark.parametrize(
    "duty",
    [
        rostered("2021-02-28T20:00", "2021-03-01T12:00"),  # through the night
        rostered("2021-02-22T08:30", "2021-03-05T17:30"),
        rostered("2020-01-01T00:00", "2098-12-31T00:00"),  # longer than each of its days would keep
    ],
)
def test_a_turn_of_duty_of_several_days_is_one_on_each(duty: Raw) -> None:
    assert seen([MISSED, duty]) == OPEN


def test_another_line_and_another_turn_do_not_matter() -> None:
    assert seen([MISSED, rostered(line="另一热线")]) == []
    assert seen([MISSED, rostered(ends="2021-03-01T10:00")]) == []


@pytest.mark.parametrize(
    ("at", "year", "due_on"),
    [
        ("2021-03-05T10:00", [], "2021-03-08"),  # a Friday
        ("2021-03-05T10:00", [year_arranged(2021, ["2021-03-08"])], "2021-03-09"),
        ("2021-03-05T10:00", [year_arranged(2021, [], ["2021-03-06"])], "2021-03-06"),
    ],
)
def test_working_days_are_counted_as_the_year_is_arranged(at: str, year: list[Raw], due_on: str) -> None:
    day = at[:10]
    facts = [called(at, picked_up=False), rostered(f"{day}T08:30", f"{day}T17:30"), *year]
    assert seen(facts) == [("medium", {"due_on": due_on})]


@pytest.mark.parametrize(
    ("at", "called_back", "expected"),
    [
        ("2021-03-01T11:00", True, []),
        ("2021-03-02T23:59", True, []),
        ("2021-03-03T00:00", True, [("low", {"due_on": "2021-03-02", "done_on": "2021-03-03"})]),
        ("2021-03-02T10:00", False, OPEN),
    ],
)
def test_calling_back_stops_the_clock(at: str, called_back: bool, expected: list[Any]) -> None:
    assert seen([*CASE, answered(at, called_back=called_back)]) == expected


def test_what_is_done_after_the_closed_day_is_not_done_yet() -> None:
    late = [*CASE, answered("2021-04-01T10:00")]
    assert seen(late, "2021-03-31") == OPEN
    assert due(RULE, "call:RX1", late, "2021-03-31") == "2021-04-01"
    assert seen(late, "2021-04-01") == [("low", {"due_on": "2021-03-02", "done_on": "2021-04-01"})]


def test_what_does_not_count_is_not_there() -> None:
    back = answered("2021-03-01T11:00")
    assert seen([*CASE, void(MISSED)]) == []
    assert seen([*CASE, void(DUTY)]) == []
    assert seen([void(DUTY), *CASE]) == []
    assert seen([*CASE, *CASE, back, void(back)]) == OPEN
    assert seen([*CASE, called(picked_up=True)]) == []  # one id with two contents


def test_the_days_are_those_in_force_on_the_day_of_the_call() -> None:
    policy = [
        adopted("hotline.call_back_working_days", 3, "2021-03-01"),
        adopted("hotline.call_back_working_days", 5, "2021-03-02"),
    ]
    assert seen([*CASE, *policy]) == [("medium", {"due_on": "2021-03-04"})]


LAWFUL = {
    "picked_up": [called(picked_up=True), DUTY],
    "nobody_on_duty": [MISSED],
    "called_back": [*CASE, answered("2021-03-02T10:00")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
