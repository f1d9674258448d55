"""review-overdue: who receives and was not looked at again for a year, or half of one."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_benefits import reviewed
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, enrolled, exited, merged

RULE = "review-overdue"
NAME = "benefit:H"

HOUSEHOLD = enrolled("H", "甲", "乙")  # decided on 2020-12-20, from 2021-01


def seen(raws: list[Raw], closed: str, without: str = "") -> list[tuple[str, dict[str, Any]]]:
    return [(one.key["programme"], one.params) for one in found(RULE, raws, closed, without)]


def due_on(raws: list[Raw], closed: str = "2022-12-31") -> list[str]:
    return [params["due_on"] for _, params in seen(raws, closed)]


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        ([HOUSEHOLD], "2021-12-20"),  # a year after the decision
        ([HOUSEHOLD, reviewed("2021-05-31")], "2022-05-31"),
        ([HOUSEHOLD, reviewed("2021-05-31", income_class="stable")], "2022-05-31"),
        ([HOUSEHOLD, reviewed("2021-05-31", income_class="unstable")], "2021-11-30"),  # the month's last
        ([HOUSEHOLD, reviewed("2021-05-31", income_class="able_bodied")], "2021-11-30"),
        # the latest review that says a class says it
        (
            [HOUSEHOLD, reviewed("2021-03-01", income_class="unstable"), reviewed("2021-05-01", "random")],
            "2021-11-01",
        ),
        (
            [
                HOUSEHOLD,
                reviewed("2021-03-01", income_class="unstable"),
                reviewed("2021-05-01", income_class="stable"),
            ],
            "2022-05-01",
        ),
        ([HOUSEHOLD, reviewed("2021-05-01", "follow_up")], "2021-12-20"),  # none
        ([HOUSEHOLD, reviewed("2021-05-01", programme="urban_dibao")], "2021-12-20"),  # another programme
        ([HOUSEHOLD, reviewed("2020-12-01", income_class="unstable")], "2021-12-20"),  # an earlier spell's
    ],
)
def test_by_when_somebody_must_look_again(facts: list[Raw], day: str) -> None:
    assert due_on(facts) == [day]
    assert due_on(facts, day) == []
    assert str(due(RULE, NAME, facts, day)) > day


def test_of_two_reviews_of_a_day_the_greater_event_id_says_the_class() -> None:
    both = [
        reviewed("2021-05-01", income_class="unstable", id_="a"),
        reviewed("2021-05-01", "random", income_class="stable", id_="b"),
    ]
    ids = [finding.evidence for finding in found(RULE, [HOUSEHOLD, *both], "2022-12-31")]
    (day,) = due_on([HOUSEHOLD, *both])
    assert day in ("2021-11-01", "2022-05-01") and len(ids) == 1
    assert due_on([HOUSEHOLD, *reversed(both)]) == [day]


def test_what_it_says() -> None:
    facts = [HOUSEHOLD, reviewed("2021-05-31", income_class="unstable")]
    (finding,) = found(RULE, facts, "2021-12-31")
    assert finding.key == {"household_no": "H", "programme": "rural_dibao"}
    assert finding.params == {
        "due_on": "2021-11-30",
        "reviewed_on": "2021-05-31",
        "income_class": "unstable",
    }
    assert (finding.severity, finding.evidence_count) == ("medium", 2)
    assert finding.policy == {"review.unstable_months": 6}


def test_the_months_are_those_of_the_closed_day() -> None:
    shorter = adopted("review.stable_months", 6, "2021-09-01")
    facts = [HOUSEHOLD, shorter]
    assert seen(facts, "2021-08-31") == []
    assert due(RULE, NAME, facts, "2021-08-31") == "2021-09-01"
    assert due_on(facts, "2021-09-01") == ["2021-06-20"]


def test_only_dibao_is_reviewed_and_each_programme_for_itself() -> None:
    assert seen([enrolled("H", "甲", programme="tekun")], "2022-12-31") == []
    both = [HOUSEHOLD, enrolled("H", "甲", programme="urban_dibao"), reviewed("2022-12-01")]
    assert [programme for programme, _ in seen(both, "2022-12-31")] == ["urban_dibao"]


def test_a_household_that_begins_or_ceases_to_receive_is_looked_at_in_that_month() -> None:
    leaves = [HOUSEHOLD, exited("H", "2022-03", decided_on="2022-01-10")]
    assert due_on(leaves, "2022-02-28") == ["2021-12-20"]
    assert due(RULE, NAME, leaves, "2022-02-28") == "2022-03-01"
    assert due_on(leaves, "2022-03-01") == []
    begins = [enrolled("H", "甲", from_month="2022-01", decided_on="2020-11-01")]
    assert due_on(begins, "2021-12-31") == []
    assert due(RULE, NAME, begins, "2021-12-31") == "2022-01-01"
    assert due_on(begins, "2022-01-01") == ["2021-11-01"]


def test_a_household_that_is_enrolled_again_begins_anew() -> None:
    again = [
        HOUSEHOLD,
        reviewed("2021-02-01", income_class="unstable"),
        exited("H", "2021-05", decided_on="2021-04-10"),
        enrolled("H", "甲", from_month="2021-08", decided_on="2021-07-20"),
    ]
    assert due_on(again) == ["2022-07-20"]


def test_who_left_into_another_household_takes_nothing_from_it() -> None:
    joined = [enrolled("H0", "丙"), exited("H0", "2021-05"), merged("H", "H0", day="2021-05-01")]
    assert due_on([HOUSEHOLD, *joined]) == ["2021-12-20"]


LAWFUL = {
    "left": ([HOUSEHOLD, exited("H", "2021-06")], "2022-06-30"),
    "reviewed": ([HOUSEHOLD, reviewed("2021-12-01")], "2022-06-30"),
    "in_time": ([HOUSEHOLD], "2021-12-20"),
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    facts, closed = LAWFUL[clause]
    assert seen(facts, closed) == []
    assert len(seen(facts, closed, clause)) == 1
