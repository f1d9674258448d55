"""custody-unchecked: given a card in other hands and who looked at it, is the next look overdue."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    NOT_HELD,
    card,
    checked,
    handed,
    in_force,
    other_ways,
    taken_back,
)
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw

RULE = "custody-unchecked"
END = "2021-12-31"
CARD = [HOUSEHOLD, card()]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[str]:
    return [one.params["due_on"] for one in found(RULE, raws, closed, without)]


def test_without_a_check_the_months_run_from_the_day_on_which_it_was_taken_over() -> None:
    assert seen(CARD, "2021-09-01") == []
    assert due(RULE, "custody:C1", CARD, "2021-09-01") == "2021-09-02"
    assert seen(CARD, "2021-09-02") == ["2021-09-01"]
    (finding,) = found(RULE, CARD, END)
    assert (finding.key, finding.severity, finding.household_no) == ({"custody_no": "C1"}, "medium", "H")
    assert (finding.policy, "checked_on" in finding.params) == ({"custody.check_months": 6}, False)


@pytest.mark.parametrize(
    ("checks", "due_on"),
    [
        (["2021-04-10"], "2021-10-10"),
        (["2021-04-10", "2021-06-05"], "2021-12-05"),
        (["2021-06-05", "2021-04-10"], "2021-12-05"),
        (["2021-06-30"], "2021-12-30"),
        (["2021-02-28"], "2021-09-01"),  # before the card was taken over
        (["2021-03-01"], "2021-09-01"),
        (["2021-04-10", "2021-11-20"], None),
    ],
)
def test_the_last_check_counts(checks: list[str], due_on: str | None) -> None:
    assert seen([*CARD, *map(checked, checks)]) == ([] if due_on is None else [due_on])


def test_where_a_month_has_no_such_day_its_last_is_meant() -> None:
    facts = [HOUSEHOLD, card(), checked("2021-08-31")]
    assert (seen(facts, "2022-02-28"), seen(facts, "2022-03-01")) == ([], ["2022-02-28"])


def test_a_check_after_the_closed_day_is_not_there_and_one_that_is_late_ends_it() -> None:
    late = [*CARD, checked("2021-10-05")]
    assert (seen(late, "2021-10-04"), seen(late, "2021-10-05")) == (["2021-09-01"], [])
    assert due(RULE, "custody:C1", late, "2021-10-04") == "2021-10-05"
    assert due(RULE, "custody:C1", late, "2021-10-05") == "2022-04-06"


def test_institutions_are_looked_at_too_and_a_check_counts_for_the_next_holder() -> None:
    assert seen([HOUSEHOLD, card(kind="institution")]) == ["2021-09-01"]
    on = handed("successor", "2021-08-01", "丁")
    assert seen([*CARD, checked("2021-07-15"), on], "2021-12-01") == []
    assert seen([*CARD, checked("2021-05-15"), on]) == ["2021-11-15"]


def test_the_months_are_those_in_force_on_the_closed_day() -> None:
    shorter = [*CARD, in_force("custody.check_months", 3, "2021-07-10")]
    assert (seen(shorter, "2021-07-09"), seen(shorter, "2021-07-10")) == ([], ["2021-06-01"])
    assert due(RULE, "custody:C1", shorter, "2021-07-09") == "2021-07-10"
    longer = [*CARD, in_force("custody.check_months", 12, "2021-10-10")]
    assert (seen(longer, "2021-10-09"), seen(longer, "2021-10-10")) == (["2021-09-01"], [])


def test_months_without_end_are_never_over() -> None:
    assert seen([*CARD, in_force("custody.check_months", 10**9, "2021-01-01")], "9999-12-30") == []


def test_a_card_that_ended_on_the_closed_day_is_held_no_more() -> None:
    ended = [*CARD, taken_back("2021-11-20")]
    assert (seen(ended, "2021-11-19"), seen(ended, "2021-11-20")) == (["2021-09-01"], [])


@pytest.mark.parametrize("way", other_ways(CARD[1]))
def test_what_counts(way: str) -> None:
    facts, counts = other_ways(CARD[1])[way]
    assert len(seen(that_count([HOUSEHOLD, *facts]))) == counts


LAWFUL: dict[str, list[Raw]] = {
    **{clause: [*CARD, *facts] for clause, facts in NOT_HELD.items()},
    "checked": [*CARD, checked("2021-11-20")],
    "in_time": [HOUSEHOLD, card(valid_from="2021-08-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
