"""tekun-agreement-missing: given care at home and agreements, was one signed in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_tekun import admitted, agreed, begun
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import (
    IDENTITY,
    Raw,
    adopted,
    died,
    enrolled,
    exited,
    merged,
    person_of,
)

RULE = "tekun-agreement-missing"
END = "2021-12-31"
LISTED = enrolled("H", "甲", "乙", programme="tekun")
CARE = [LISTED, begun()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.severity, one.params) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(CARE, "2021-03-31") == []
    assert seen(CARE, "2021-04-01") == [("medium", {"due_on": "2021-03-31"})]
    (finding,) = found(RULE, CARE, END)
    assert finding.household_no == "H"
    assert finding.key == {
        "household_no": "H",
        "person": IDENTITY.person_token(person_of("甲")["id_number"]),
        "begun_on": "2021-03-01",
    }


def test_it_wakes_when_care_begins_and_when_an_agreement_is_due() -> None:
    assert due(RULE, "care:H", CARE, "2021-02-28") == "2021-03-01"
    assert due(RULE, "care:H", CARE, "2021-03-01") == "2021-04-01"
    assert due(RULE, "care:H", CARE, "2021-04-01") is None


@pytest.mark.parametrize(
    ("agreements", "expected"),
    [
        ([agreed("2021-03-31")], []),
        ([agreed("2021-04-01")], [("low", {"due_on": "2021-03-31", "done_on": "2021-04-01"})]),
        (
            [agreed("2021-06-01"), agreed("2021-04-01")],
            [("low", {"due_on": "2021-03-31", "done_on": "2021-04-01"})],
        ),
        ([agreed("2021-03-10", "乙")], [("medium", {"due_on": "2021-03-31"})]),
        ([agreed("2020-12-01")], []),  # before care began, and it still holds
        ([agreed("2020-01-01", valid_to="2021-03-01")], []),
        ([agreed("2020-01-01", valid_to="2021-02-28")], [("medium", {"due_on": "2021-03-31"})]),
    ],
)
def test_the_first_agreement_that_had_not_ended_stops_it(agreements: list[Raw], expected: list[Any]) -> None:
    assert seen([*CARE, *agreements]) == expected


def test_each_care_at_home_has_its_own_clock_and_a_second_statement_none() -> None:
    again = begun("2021-08-01")
    first, second = seen([*CARE, begun(id_="again"), again])
    assert (first[1]["due_on"], second[1]["due_on"]) == ("2021-03-31", "2021-08-31")
    assert len(seen([*CARE, begun(name="乙")])) == 2


@pytest.mark.parametrize(
    ("day", "owed"), [("2021-02-28", 1), ("2021-03-01", 0), ("2021-03-31", 0), ("2021-04-01", 1)]
)
def test_only_an_admission_between_the_two_days_excuses(day: str, owed: int) -> None:
    assert len(seen([*CARE, admitted(day)])) == owed
    assert len(seen([*CARE, admitted(day, "乙")])) == 1


@pytest.mark.parametrize(("day", "owed"), [("2021-03-31", 0), ("2021-04-01", 1)])
def test_who_died_by_the_day_due_is_owed_nothing(day: str, owed: int) -> None:
    assert len(seen([*CARE, died("甲", day)])) == owed


def test_it_is_owed_to_a_member_in_the_month_of_the_day_due() -> None:
    assert seen([begun()]) == []
    assert seen([*CARE, exited("H", "2021-03", "甲", programme="tekun")]) == []
    assert len(seen([*CARE, exited("H", "2021-04", "甲", programme="tekun")])) == 1
    assert len(seen([enrolled("H", "甲"), begun()])) == 1  # in whichever programme
    # a household that was merged into it left its own number, and takes nobody out of this one
    other = [enrolled("H0", "丙", programme="tekun"), exited("H0", "2021-03", programme="tekun")]
    assert len(seen([*CARE, *other, merged("H", "H0", day="2021-03-15")])) == 1


def test_the_days_are_those_of_the_day_on_which_care_began_where_the_household_lives() -> None:
    policy = [
        adopted("tekun.agreement_days", 10, "2021-03-01", programme="tekun", division_prefix="500102008"),
        adopted("tekun.agreement_days", 1, "2021-03-02"),
    ]
    assert seen([*CARE, *policy]) == [("medium", {"due_on": "2021-03-11"})]


LAWFUL = {
    "signed": [*CARE, agreed("2021-03-31")],
    "left": [*CARE, exited("H", "2021-03", programme="tekun")],
    "died": [*CARE, died("甲", "2021-03-10")],
    "admitted": [*CARE, admitted("2021-03-20")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
