"""frequent-payment: given the payments of a month, was one account paid more often than once."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.looking import due, found, view_of
from tests.services.detection.upstream import (
    NUMBERS_ACCOUNT,
    Raw,
    adopted,
    day_closed,
    enrolled,
    paid,
    returned,
)
from tests.services.detection.worker import finding_of

RULE = "frequent-payment"
CLOSED = "2021-12-31"
FIRST = paid("H", "2021-03", "甲", 20000, no="P1")
AGAIN = paid("H", "2021-03", "甲", 10000, no="P2", paid_on="2021-03-26")


def seen(raws: list[Raw], without: str = "", closed: str | None = CLOSED) -> list[dict[str, Any]]:
    return [one.params for one in found(RULE, raws, closed, without)]


def test_two_regular_payments_of_a_month_are_one_finding_that_names_both() -> None:
    (finding,) = found(RULE, [AGAIN, FIRST], CLOSED)
    assert (finding.severity, finding.month, finding.household_no, finding.evidence_count) == (
        "medium",
        "2021-03",
        "H",
        2,
    )
    assert finding.key == {
        "household_no": "H",
        "programme": "rural_dibao",
        "month": "2021-03",
        "account": NUMBERS_ACCOUNT,
    }
    assert finding.params == {"payments": ["P1", "P2"], "paid_fen": 30000}
    assert finding.policy == {"payments.regular_a_month": 1}


def test_each_month_programme_and_account_is_counted_by_itself() -> None:
    assert seen([FIRST, paid("H", "2021-04", "甲")]) == []
    assert seen([FIRST, paid("H", "2021-03", "甲", no="P2", programme="tekun")]) == []
    assert seen([FIRST, paid("H2", "2021-03", "甲", no="P2")]) == []  # that is shared-account's


def test_the_number_is_that_of_the_months_first_day_where_the_household_lives() -> None:
    twice = [FIRST, AGAIN, enrolled("H", "甲")]
    ours = adopted("payments.regular_a_month", 2, "2021-03-01", division_prefix="500102008")
    late = adopted("payments.regular_a_month", 2, "2021-03-02")
    assert seen([*twice, ours]) == []
    assert len(seen([*twice, late])) == 1
    assert len(seen([*twice, ours, paid("H", "2021-03", "甲", no="P3")])) == 1


def test_none_at_all_may_be_allowed() -> None:
    none = adopted("payments.regular_a_month", 0, "2021-03-01")
    assert seen([FIRST, none]) == [{"payments": ["P1"], "paid_fen": 20000}]
    assert not clear([FIRST, none])


def test_what_is_dated_after_the_closed_day_is_not_there() -> None:
    assert seen([FIRST, AGAIN], closed=None) == []
    assert seen([FIRST, AGAIN], closed="2021-03-25") == []
    assert len(seen([FIRST, AGAIN], closed="2021-03-26")) == 1
    back = returned("P1", "H", "2021-03", "甲", returned_on="2021-04-02")
    assert len(seen([FIRST, AGAIN, back], closed="2021-04-01")) == 1
    assert seen([FIRST, AGAIN, back], closed="2021-04-02") == []


def test_the_household_is_looked_at_again_when_a_payment_or_its_return_is_there() -> None:
    back = returned("P1", "H", "2021-03", "甲", returned_on="2021-04-02")
    days = (None, "2021-03-25", "2021-03-26", "2021-04-02")
    turns = ["2021-03-25", "2021-03-26", "2021-04-02", None]
    assert [due(RULE, "household:H", [FIRST, AGAIN, back], day) for day in days] == turns
    assert due(RULE, "household:H", [FIRST]) is None, "one payment is never too many"


async def test_live_it_is_found_once_the_day_of_the_second_payment_is_closed(prepared: str) -> None:
    by_months = [day_closed("2021-03-25")], [FIRST], [AGAIN]
    assert await finding_of(RULE, prepared, *by_months) is None
    assert await finding_of(RULE, prepared, *by_months, [day_closed("2021-03-26")]) is not None


@pytest.mark.parametrize("decided_on", ["2021-01-05", "2021-04-10"])
async def test_live_it_is_found_on_that_day_also_where_the_household_comes_under_another_value(
    prepared: str, decided_on: str
) -> None:
    later = adopted("payments.regular_a_month", 2, "2022-01-01")
    facts = [later], [enrolled("H", "甲", decided_on=decided_on)], [FIRST], [AGAIN]
    assert await finding_of(RULE, prepared, *facts, [day_closed("2021-03-25")]) is None
    assert await finding_of(RULE, prepared, *facts, [day_closed("2021-03-26")]) is not None
    before = *facts, [day_closed("2021-03-25")], [day_closed("2021-03-26")]
    assert await finding_of(RULE, prepared, *before) is not None


def test_a_day_is_waited_for_only_where_payments_are_too_many_somewhere_the_household_lives() -> None:
    ahead = BY_NAME[RULE].whole_where
    assert ahead is not None
    none_at_all = adopted("payments.regular_a_month", 0, "2021-01-01", division_prefix="500102008")
    late = enrolled("H", "甲", decided_on="2022-01-10")
    for facts, waits in (([FIRST, late], False), ([FIRST, AGAIN], True), ([FIRST, late, none_at_all], True)):
        assert ahead(view_of("household:H", facts)) is waits
    assert due(RULE, "household:H", [FIRST, late, none_at_all], CLOSED) == "2022-01-10"


def test_as_of_a_day_the_household_lives_where_it_was_enrolled_by_then() -> None:
    ours = adopted("payments.regular_a_month", 2, "2021-01-01", division_prefix="500102008")
    late = enrolled("H", "甲", decided_on="2021-04-10")
    assert len(seen([FIRST, AGAIN, ours, late], closed="2021-04-09")) == 1
    assert seen([FIRST, AGAIN, ours, late], closed="2021-04-10") == []
    assert due(RULE, "household:H", [FIRST, AGAIN, ours, late], "2021-04-09") == "2021-04-10"
    assert not clear([FIRST, AGAIN, ours, late], "2021-04-09")


def clear(raws: list[Raw], closed: str | None = CLOSED) -> bool:
    test = BY_NAME[RULE].clear
    assert test is not None
    return test(view_of("household:H", raws, closed))


def test_one_payment_a_month_is_not_looked_at_further() -> None:
    assert clear([FIRST, paid("H", "2021-04", "甲")])
    assert not clear([FIRST, AGAIN])
    assert not clear([FIRST, AGAIN, returned("P1", "H", "2021-03", "甲")], "2021-03-27")


LAWFUL = {
    "returned": [FIRST, AGAIN, returned("P1", "H", "2021-03", "甲")],
    "arrears": [FIRST, paid("H", "2021-03", "甲", no="P2", kind="arrears")],
    "one_off": [FIRST, paid("H", "2021-03", "甲", no="P2", kind="one_off")],
    "another_account": [FIRST, paid("H", "2021-03", "乙", no="P2", number="6217000000000002")],
    "institution": [
        paid("H", "2021-03", "福利院", no=no, institution=True, programme="tekun") for no in ("P1", "P2")
    ],
    "policy": [FIRST, AGAIN, adopted("payments.regular_a_month", 2, "2021-01-01")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], clause)) == 1
