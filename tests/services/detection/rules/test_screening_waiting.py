"""screening-waiting: given a listing and what came of it, was that in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_screening import concluded, listed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, died, enrolled

RULE = "screening-waiting"
END = "2021-12-31"


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen([listed()], "2021-03-31") == []
    assert seen([listed()], "2021-04-01") == [("medium", {"due_on": "2021-03-31"})]
    (finding,) = found(RULE, [listed(household_no="H")], END)
    assert (finding.key, finding.household_no) == ({"screening_no": "S1"}, "H")


def test_it_wakes_when_somebody_is_listed_and_when_an_outcome_is_due() -> None:
    assert due(RULE, "screening:S1", [listed()]) == "2021-03-01"
    assert due(RULE, "screening:S1", [listed()], "2021-03-01") == "2021-04-01"
    assert due(RULE, "screening:S1", [listed()], "2021-04-01") is None
    assert due(RULE, "screening:S1", [listed(), died("甲", "2021-03-20")], "2021-03-10") == "2021-03-20"
    assert due(RULE, "screening:S1", [listed(), died("甲", "2021-03-20")], "2021-03-20") is None


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (["2021-03-31"], []),
        (["2021-04-01"], [("low", {"due_on": "2021-03-31", "done_on": "2021-04-01"})]),
        (["2021-05-01", "2021-04-01"], [("low", {"due_on": "2021-03-31", "done_on": "2021-04-01"})]),
        (["2021-02-20"], []),  # before the list had it
    ],
)
def test_the_first_outcome_stops_it(outcomes: list[str], expected: list[Any]) -> None:
    assert seen([listed(), *map(concluded, outcomes)]) == expected


def test_a_second_listing_does_not_begin_anew() -> None:
    assert seen([listed(), listed("2021-04-15")]) == [("medium", {"due_on": "2021-03-31"})]


def test_an_outcome_without_a_listing_owes_nothing() -> None:
    assert seen([concluded("2021-09-01")]) == []


@pytest.mark.parametrize(("day", "owed"), [("2021-03-31", 0), ("2021-04-01", 1)])
def test_who_died_by_the_day_due_is_not_waiting(day: str, owed: int) -> None:
    assert len(seen([listed(), died("甲", day)])) == owed
    assert len(seen([listed(), died("乙", day)])) == 1


def test_the_days_are_those_of_the_listing_its_village_and_its_households_programme() -> None:
    policy = [
        adopted("screening.outcome_days", 5, "2021-03-01", "a", division_prefix="500102008"),
        adopted(
            "screening.outcome_days", 7, "2021-03-01", "b", division_prefix="500102008", programme="tekun"
        ),
        adopted("screening.outcome_days", 1, "2021-03-02"),
    ]
    assert seen([listed(), *policy]) == [("medium", {"due_on": "2021-03-06"})]
    of_household = [listed(household_no="H"), enrolled("H", "甲", programme="tekun")]
    assert seen([*of_household, *policy]) == [("medium", {"due_on": "2021-03-08"})]


LAWFUL = {
    "concluded": [listed(), concluded("2021-03-31")],
    "died": [listed(), died("甲", "2021-03-31")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
