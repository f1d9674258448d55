"""petition-overdue: given a petition and its steps, by when was it to be answered, and is it late."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import petition
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled

RULE = "petition-overdue"
END = "2021-12-31"


FILED = petition("filed", "2021-03-01")


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def accepted(day: str = "2021-03-05", due_on: str = "2021-05-04", id_: str = "") -> Raw:
    return petition("accepted", day, id_, due_on=due_on)


@pytest.mark.parametrize(
    ("steps", "due_on"),
    [
        ([], "2021-05-15"),  # 15 days to accept, 60 to answer
        ([accepted()], "2021-05-04"),  # the day that the acceptance sets
        ([accepted(due_on="2021-03-20")], "2021-03-20"),
        ([accepted(due_on="2021-12-01")], "2021-06-03"),  # at most 60 and 30 days after it
        ([accepted(), accepted("2021-04-01", "2021-05-31")], "2021-05-31"),  # the last one counts
        ([accepted(), petition("transferred", "2021-05-04")], "2021-07-18"),  # on the last day, anew
        ([accepted(), petition("transferred", "2021-05-05")], "2021-05-04"),  # too late to change anything
        ([petition("transferred", "2021-03-20")], "2021-06-03"),  # accepted or not
        (
            [accepted(), petition("transferred", "2021-04-01"), accepted("2021-04-10", "2021-06-09")],
            "2021-06-09",
        ),
        ([petition("transferred", "2021-03-05"), accepted()], "2021-05-04"),  # accepted on the same day
    ],
)
def test_by_when_it_is_to_be_answered(steps: list[Raw], due_on: str) -> None:
    facts = [FILED, *steps]
    assert seen(facts) == [("medium", {"due_on": due_on})]
    assert seen(facts, due_on) == []
    day_before = max(raw["data"].get(f"{raw['type'].split('.')[2]}_on", "") for raw in facts)
    assert str(due(RULE, "petition:XF1", facts, day_before)) > due_on or day_before > due_on


@pytest.mark.parametrize("verb", ["answered", "closed"])
def test_an_answer_or_a_closure_stops_it(verb: str) -> None:
    assert seen([FILED, petition(verb, "2021-05-15")]) == []
    assert seen([FILED, petition(verb, "2021-05-16")]) == [
        ("low", {"due_on": "2021-05-15", "done_on": "2021-05-16"})
    ]


def test_an_answer_of_a_later_stage_does_not() -> None:
    assert len(seen([FILED, petition("answered", "2021-04-01", stage="review")])) == 1
    assert seen([FILED, petition("answered", "2021-04-01", stage="first")]) == []


def test_what_is_dated_after_the_closed_day_is_not_there_yet() -> None:
    facts = [FILED, petition("transferred", "2021-05-10")]
    assert due(RULE, "petition:XF1", facts) == "2021-03-01"
    assert due(RULE, "petition:XF1", facts, "2021-05-09") == "2021-05-10"
    assert due(RULE, "petition:XF1", facts, "2021-05-10") == "2021-07-25"


def test_the_days_are_those_of_its_division_and_of_its_households_programme() -> None:
    policy = [
        adopted("petitions.answer_days", 30, "2021-01-01", "a", division_prefix="500102008"),
        adopted(
            "petitions.answer_days", 10, "2021-01-01", "b", division_prefix="500102008", programme="tekun"
        ),
    ]
    assert seen([FILED, *policy]) == [("medium", {"due_on": "2021-04-15"})]
    of_household = petition("filed", "2021-03-01", household_no="H")
    assert seen([of_household, *policy, enrolled("H", "甲", programme="tekun")]) == [
        ("medium", {"due_on": "2021-03-26"})
    ]
    both = [enrolled("H", "甲", programme="tekun"), enrolled("H", "甲", id_="second")]
    assert seen([of_household, *policy, *both]) == [("medium", {"due_on": "2021-04-15"})]


LAWFUL = {
    "accepted": ([FILED, accepted("2021-03-16", "2021-06-14")], "2021-06-01"),
    "extended": ([FILED, accepted(due_on="2021-06-03")], "2021-06-01"),
    "transferred": ([FILED, accepted(), petition("transferred", "2021-05-04")], "2021-06-01"),
    "closed": ([FILED, petition("closed", "2021-04-01", outcome="withdrawn")], END),
    "done": ([FILED, petition("answered", "2021-04-01")], END),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == []
    assert len(seen(facts, closed, clause)) == 1
