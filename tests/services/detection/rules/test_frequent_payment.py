"""frequent-payment: given the payments of a month, was one account paid more often than once."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.looking import found, view_of
from tests.services.detection.upstream import NUMBERS_ACCOUNT, Raw, adopted, enrolled, paid, returned

RULE = "frequent-payment"
FIRST = paid("H", "2021-03", "甲", 20000, no="P1")
AGAIN = paid("H", "2021-03", "甲", 10000, no="P2", paid_on="2021-03-26")


def seen(raws: list[Raw], without: str = "") -> list[dict[str, Any]]:
    return [one.params for one in found(RULE, raws, without=without)]


def test_two_regular_payments_of_a_month_are_one_finding_that_names_both() -> None:
    (finding,) = found(RULE, [AGAIN, FIRST])
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


def clear(raws: list[Raw]) -> bool:
    test = BY_NAME[RULE].clear
    assert test is not None
    return test(view_of("household:H", raws))


def test_one_payment_a_month_is_not_looked_at_further() -> None:
    assert clear([FIRST, paid("H", "2021-04", "甲")])
    assert not clear([FIRST, AGAIN])


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
