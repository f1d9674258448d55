"""single-person-not-offered: given what an assessment says that fits, was it offered."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_screening import assessed, concluded, issued, listed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, enrolled, exited

RULE = "single-person-not-offered"
END = "2021-12-31"
FITS = [issued(), listed(), assessed()]
PUT_OFF = [*FITS, concluded()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[dict[str, Any]]:
    return [one.params for one in found(RULE, raws, closed, without)]


def test_what_fits_and_is_not_offered_is_found() -> None:
    (finding,) = found(RULE, PUT_OFF, END)
    assert (finding.severity, finding.key, finding.evidence_count) == ("medium", {"screening_no": "S1"}, 3)
    assert finding.params == {"policy_no": ["Z1"], "outcome": "watched", "concluded_on": "2021-03-20"}


@pytest.mark.parametrize(
    ("outcome", "found_so"),
    [
        ("watched", 1),
        ("not_eligible", 1),
        ("temporary_relief", 1),
        ("rural_dibao", 0),
        ("urban_dibao", 0),
        ("tekun", 0),
    ],
)
def test_relief_alone_is_no_offer(outcome: str, found_so: int) -> None:
    assert len(seen([*FITS, concluded(outcome=outcome)])) == found_so


def test_the_last_conclusion_counts() -> None:
    assert seen([*PUT_OFF, concluded("2021-04-01", "rural_dibao")]) == []
    assert seen([*PUT_OFF, concluded("2021-04-01", "not_eligible")]) == [
        {"policy_no": ["Z1"], "outcome": "not_eligible", "concluded_on": "2021-04-01"}
    ]


def test_nothing_is_found_before_there_is_a_conclusion() -> None:
    assert seen(FITS) == []
    assert seen(PUT_OFF, "2021-03-19") == []
    assert due(RULE, "screening:S1", PUT_OFF, "2021-03-19") == "2021-03-20"
    assert due(RULE, "screening:S1", PUT_OFF, "2021-03-20") is None


def test_all_policies_that_fit_are_named_whichever_assessment_does() -> None:
    more = [issued("Z2"), issued("Z0", gives="rural_dibao"), assessed("2021-03-12", ["Z2", "Z0"])]
    assert [one["policy_no"] for one in seen([*PUT_OFF, *more])] == [["Z1", "Z2"]]
    assert seen([listed(), assessed(), concluded()]) == []  # nobody ever issued it


@pytest.mark.parametrize(
    ("from_", "to", "found_so"),
    [
        ("2021-03-08", None, 1),
        ("2021-03-09", None, 0),
        ("2020-01-01", "2021-03-08", 1),
        ("2020-01-01", "2021-03-07", 0),
    ],
)
def test_the_policy_holds_on_the_day_of_the_assessment(from_: str, to: str | None, found_so: int) -> None:
    assert len(seen([issued(from_=from_, to=to), *PUT_OFF[1:]])) == found_so


def test_who_is_a_member_in_the_month_of_the_conclusion_receives() -> None:
    named = [listed(household_no="H"), *FITS[::2], concluded(), enrolled("H", "甲")]
    assert seen(named) == []
    assert len(seen([*named, exited("H", "2021-03")])) == 1
    assert seen([*named, exited("H", "2021-04")]) == []
    assert len(seen([*named[:-1], enrolled("H", "甲", from_month="2021-04")])) == 1
    assert len(seen([*named[:-1], enrolled("H", "乙")])) == 1


def test_of_a_household_that_the_list_does_not_name_who_left_by_name_is_known() -> None:
    assert seen([*PUT_OFF, enrolled("H", "甲", "乙")]) == []
    assert len(seen([*PUT_OFF, enrolled("H", "甲", "乙"), exited("H", "2021-03", "甲")])) == 1
    again = enrolled("H", "甲", from_month="2021-03")
    assert seen([*PUT_OFF, enrolled("H", "甲", "乙"), exited("H", "2021-02", "甲"), again]) == []


LAWFUL = {
    "offered": [*FITS, concluded(outcome="rural_dibao")],
    "member": [*PUT_OFF, enrolled("H", "甲")],
    "another": [issued(gives="temporary_relief"), *PUT_OFF[1:]],
    "out_of_force": [issued(to="2020-12-31"), *PUT_OFF[1:]],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
