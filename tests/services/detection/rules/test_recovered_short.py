"""recovered-short: given payments for somebody dead and what was given back, is it all there in time."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.looking import due, found, view_of
from tests.services.detection.upstream import Raw, adopted, died, enrolled, exited, fact, paid, returned

RULE = "recovered-short"
END = "2021-12-31"
DEAD = [enrolled("H", "甲", "乙"), died("甲", "2021-01-20")]
OWED = [*DEAD, paid("H", "2021-02", "乙"), paid("H", "2021-03", "乙")]
"""15000 分 of each month; the last was paid on 2021-03-25."""


def recovered(day: str, fen: int, cause: str = "death", **more: Any) -> Raw:
    data: dict[str, Any] = {
        "recovery_no": f"R{day}",
        "household_no": "H",
        "programme": "rural_dibao",
        "from_month": "2021-02",
        "to_month": "2021-03",
        "recovered_on": day,
        "amount_fen": fen,
        "cause": cause,
        "method": "cash",
    }
    return fact("payments.recovered", f"recovered-{day}", **(data | more))


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[tuple[str, int]]:
    return [(one.params["due_on"], one.params["short_fen"]) for one in found(RULE, raws, closed, without)]


def test_it_is_found_on_the_day_after_the_day_due_and_not_before() -> None:
    assert seen(OWED, "2021-07-23") == []
    assert seen(OWED, "2021-07-24") == [("2021-07-23", 30000)]
    (finding,) = found(RULE, OWED, END)
    assert (finding.severity, finding.evidence_count, finding.month) == ("high", 3, "")
    assert finding.key == {"household_no": "H", "programme": "rural_dibao"}
    assert finding.params == {
        "due_on": "2021-07-23",
        "short_fen": 30000,
        "owed_fen": 30000,
        "recovered_fen": 0,
    }


def test_it_wakes_when_it_is_due_and_when_something_dated_ahead_is_there() -> None:
    assert due(RULE, "household:H", OWED, "2021-03-25") == "2021-07-24"
    assert due(RULE, "household:H", OWED, "2021-03-20") == "2021-03-25"
    assert due(RULE, "household:H", OWED, "2021-07-24") is None
    assert due(RULE, "household:H", [*OWED, recovered("2021-08-10", 1)], "2021-07-30") == "2021-08-10"
    assert due(RULE, "household:H", OWED[:1] + OWED[2:], "2021-03-20") is None


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ([recovered("2021-07-01", 30000)], []),
        ([recovered("2021-07-01", 10000), recovered("2021-09-01", 20000)], []),  # late, but all of it
        ([recovered("2021-07-01", 29999)], [("2021-07-23", 1)]),
        ([recovered("2021-07-01", 30000, "unentitled")], [("2021-07-23", 30000)]),
        ([recovered("2021-07-01", 30000, programme="tekun")], [("2021-07-23", 30000)]),
        ([recovered("2021-07-01", 30000, household_no="H2")], [("2021-07-23", 30000)]),
    ],
)
def test_what_was_given_back_for_a_death_counts(back: list[Raw], expected: list[Any]) -> None:
    assert seen([*OWED, *back]) == expected


def test_what_is_given_back_after_the_closed_day_is_not_there_yet() -> None:
    facts = [*OWED, recovered("2021-09-01", 30000)]
    assert seen(facts, "2021-08-31") == [("2021-07-23", 30000)]
    assert seen(facts, "2021-09-01") == []


def test_a_later_payment_moves_the_day_and_one_dated_ahead_not_yet() -> None:
    facts = [*OWED, paid("H", "2021-04", "乙", paid_on="2021-08-02")]
    assert seen(facts, "2021-08-01") == [("2021-07-23", 30000)]
    assert seen(facts, "2021-08-02") == []
    assert seen(facts, "2021-12-01") == [("2021-11-30", 45000)]


def test_months_of_grace_are_owed_as_well() -> None:
    assert seen([*DEAD, paid("H", "2021-02", "乙"), adopted("death.grace_months", 12, "2021-01-01")]) == [
        ("2021-06-25", 15000)
    ]


def test_the_days_are_those_of_the_day_of_the_last_payment() -> None:
    policy = [
        adopted("recovery.days", 30, "2021-03-25", division_prefix="500102008"),
        adopted("recovery.days", 1, "2021-03-26"),
    ]
    assert seen([*OWED, *policy]) == [("2021-04-24", 30000)]


def test_all_of_a_household_is_looked_at_only_where_somebody_died() -> None:
    where, clear = BY_NAME[RULE].whole_where, BY_NAME[RULE].clear
    assert where is not None and clear is not None
    dead, alive = view_of("household:H", OWED, END), view_of("household:H", [*DEAD[:1], *OWED[2:]], END)
    assert (where(dead), clear(dead), where(alive), clear(alive)) == (True, False, False, True)


LAWFUL = {
    "recovered": [*OWED, recovered("2021-07-01", 30000)],
    "returned": [
        *OWED,
        returned("P-H-2021-02", "H", "2021-02", "乙"),
        returned("P-H-2021-03", "H", "2021-03", "乙"),
    ],
    "month_of_death": [*DEAD, paid("H", "2021-01", "乙")],
    "left": [*OWED, exited("H", "2021-02", "甲")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
