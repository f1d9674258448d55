"""reply-overdue: given a call, by when was what was asked to be answered, and was it."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_hotline import answered, called
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, adopted, void

RULE = "reply-overdue"
ASKED = called(matter_code="M04")  # on 2021-03-01
OPEN = [("medium", {"due_on": "2021-03-08"})]


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, that_count(raws), closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([ASKED], "2021-03-08") == []
    assert seen([ASKED], "2021-03-09") == OPEN
    (finding,) = found(RULE, [ASKED], "2021-12-31")
    assert (finding.key, finding.evidence_count, finding.policy) == (
        {"call_no": "RX1"},
        1,
        {"hotline.reply_days": 7},
    )


def test_it_wakes_when_it_is_there_and_when_it_is_due() -> None:
    assert due(RULE, "call:RX1", [ASKED]) == "2021-03-01"
    assert due(RULE, "call:RX1", [ASKED], "2021-03-01") == "2021-03-09"
    assert due(RULE, "call:RX1", [ASKED], "2021-03-09") is None


def test_the_day_that_the_call_states_goes_before_the_days() -> None:
    assert seen([called(matter_code="M04", due_on="2021-03-16")]) == [("medium", {"due_on": "2021-03-16"})]
    assert seen([called(matter_code="M04", due_on="2021-03-02")]) == [("medium", {"due_on": "2021-03-02"})]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2021-03-01T10:05", []),  # on the telephone
        ("2021-03-08T23:59", []),
        ("2021-03-09T00:00", [("low", {"due_on": "2021-03-08", "done_on": "2021-03-09"})]),
    ],
)
def test_an_answer_stops_the_clock_on_its_day_in_china(at: str, expected: list[Any]) -> None:
    for called_back in (True, False):
        assert seen([ASKED, answered(at, called_back=called_back)]) == expected


def test_what_is_done_after_the_closed_day_is_not_done_yet() -> None:
    late = [ASKED, answered("2021-04-01T10:00")]
    assert seen(late, "2021-03-31") == OPEN
    assert due(RULE, "call:RX1", late, "2021-03-31") == "2021-04-01"
    assert seen(late, "2021-04-01") == [("low", {"due_on": "2021-03-08", "done_on": "2021-04-01"})]


def test_what_does_not_count_is_not_there() -> None:
    reply = answered("2021-03-05T10:00")
    assert seen([ASKED, void(ASKED)]) == []
    assert seen([void(ASKED), ASKED]) == []
    assert seen([ASKED, ASKED, reply, void(reply)]) == OPEN
    assert seen([ASKED, called(matter_code="M05")]) == []  # one id with two contents
    assert seen([reply]) == []


def test_a_second_statement_does_not_start_the_clock_again() -> None:
    again = called("2021-03-20T10:00", matter_code="M04", id_="again")
    assert seen([ASKED, again]) == OPEN


def test_the_days_are_those_in_force_on_the_day_of_the_call_in_its_division() -> None:
    policy = [
        adopted("hotline.reply_days", 3, "2021-03-01"),
        adopted("hotline.reply_days", 4, "2021-03-01", "ours", division_prefix="500102"),
        adopted("hotline.reply_days", 1, "2021-03-02"),
    ]
    assert seen([ASKED, *policy]) == [("medium", {"due_on": "2021-03-04"})]
    here = called(matter_code="M04", division="500102008201")
    assert seen([here, *policy]) == [("medium", {"due_on": "2021-03-05"})]


LAWFUL = {
    "missed": ([called(picked_up=False, matter_code="M04")], "2021-12-31"),
    "nothing_asked": ([called()], "2021-12-31"),
    "stated": ([called(matter_code="M04", due_on="2021-03-16")], "2021-03-16"),
    "answered": ([ASKED, answered("2021-03-08T10:00")], "2021-12-31"),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == []
    assert len(seen(facts, closed, clause)) == 1
