"""Each clause of each rule by example: these facts, these findings; and what a missing clause would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.oracle.clauses import CLAUSES
from tests.oracle.facts import Raw
from tests.oracle.scan import findings
from tests.oracle.stating import (
    LI,
    STRANGER,
    WANG,
    ZHAO,
    account_of,
    adjusted,
    adopted,
    custody_ended,
    died,
    enrolled,
    exited,
    granted,
    members_changed,
    paid,
    returned,
    voided,
    with_data,
)

CLOSED = date(2021, 10, 31)
HOME = "敬老院"
HOME_ACCOUNT = account_of(HOME, "6217000000000009", institution=True)


def found(facts: list[Raw], rule: str, *without: str) -> list[tuple[Any, ...]]:
    """Month or custody_no, severity and extras of the findings of one rule, by month."""
    return sorted(
        (one.key.get("month", one.key.get("custody_no")), one.severity, *one.params.values())
        for one in findings(facts, CLOSED, without=without)
        if one.rule == rule
    )


@dataclass(frozen=True)
class Lawful:
    """Facts that open nothing; with the clause turned off they would open `false_positives`."""

    rule: str
    clause: str
    facts: list[Raw]
    false_positives: list[tuple[Any, ...]]


PAYMENT = paid("2021-03")
LARGE = paid("2021-03", 900_000)
TEKUN = enrolled(WANG, programme="tekun")

LAWFUL = [
    Lawful(
        "paid-after-death",
        "month_of_death",
        [enrolled(WANG), died(WANG, "2021-03-01"), paid("2021-03")],
        [("2021-03", "info", 90000)],
    ),
    Lawful(
        "paid-after-death",
        "left",
        [enrolled(WANG, LI), died(LI, "2021-01-31"), exited(LI, stop_month="2021-03"), paid("2021-03")],
        [("2021-03", "info", 90000)],
    ),
    Lawful(
        "paid-after-death",
        "returned",
        [enrolled(WANG), died(WANG, "2021-02-01"), PAYMENT, returned(PAYMENT)],
        [("2021-03", "info", 90000)],
    ),
    Lawful(
        "paid-after-death",
        "voided",
        [enrolled(WANG), death := died(WANG, "2021-02-01"), voided(death), paid("2021-03")],
        [("2021-03", "info", 90000)],
    ),
    Lawful(
        "paid-after-death",
        "conflict",
        [
            enrolled(WANG),
            death := died(WANG, "2021-02-01"),
            with_data(death, died_on="2021-02-02"),
            paid("2021-03"),
        ],
        [("2021-03", "info", 90000)],
    ),
    Lawful(
        "name-mismatch",
        "custody",
        [enrolled(WANG), granted(), paid("2021-03", holder="外人甲")],
        [("2021-03", "high", [])],
    ),
    Lawful(
        "name-mismatch",
        "member_account",
        [enrolled(WANG, LI), paid("2021-03", holder="李二")],
        [("2021-03", "high", [])],
    ),
    Lawful(
        "name-mismatch",
        "any_programme",
        [enrolled(WANG), enrolled(LI, programme="urban_dibao"), paid("2021-03", holder="李二")],
        [("2021-03", "high", [])],
    ),
    Lawful(
        "name-mismatch",
        "former_member",
        [enrolled(WANG), exited(stop_month="2021-02"), paid("2021-03")],
        [("2021-03", "high", [])],
    ),
    Lawful(
        "name-mismatch",
        "normalised",
        [enrolled({"name": "阿依·古丽", "local_no": "7"}), paid("2021-03", holder="阿依• 古丽")],
        [("2021-03", "low", [])],
    ),
    Lawful(
        "name-mismatch",
        "institution",
        [TEKUN, paid("2021-03", programme="tekun", account=HOME_ACCOUNT)],
        [("2021-03", "high", [])],
    ),
    Lawful(
        "shared-account",
        "institution",
        [paid("2021-03", account=HOME_ACCOUNT), paid("2021-03", household_no="H2", account=HOME_ACCOUNT)],
        [("2021-03", "high", ["H1", "H2"])],
    ),
    Lawful(
        "shared-account",
        "same_household",
        [paid("2021-03"), paid("2021-03", programme="urban_dibao")],
        [("2021-03", "high", ["H1"])],
    ),
    Lawful(
        "shared-account",
        "same_month",
        [paid("2021-03"), paid("2021-04", household_no="H2")],
        [("any", "high", ["H1", "H2"])],
    ),
    Lawful(
        "shared-account",
        "arrears",
        [paid("2021-03"), paid("2021-03", household_no="H2", kind="arrears")],
        [("2021-03", "high", ["H1", "H2"])],
    ),
    Lawful(
        "shared-account",
        "one_off",
        [paid("2021-03"), paid("2021-03", household_no="H2", kind="one_off")],
        [("2021-03", "high", ["H1", "H2"])],
    ),
    Lawful(
        "shared-account",
        "returned",
        [PAYMENT, returned(PAYMENT), paid("2021-03", household_no="H2")],
        [("2021-03", "high", ["H1", "H2"])],
    ),
    Lawful(
        "unentitled",
        "arrears",
        [enrolled(WANG), exited(stop_month="2021-03"), paid("2021-02", kind="arrears", paid_on="2021-08-30")],
        [("2021-08", "high", "after")],
    ),
    Lawful("unentitled", "one_off", [paid("2021-03", kind="one_off")], [("2021-03", "high", "never")]),
    Lawful(
        "unentitled",
        "enrolled_again",
        [enrolled(WANG), exited(stop_month="2021-02"), enrolled(WANG, from_month="2021-03"), paid("2021-03")],
        [("2021-03", "high", "after")],
    ),
    Lawful(
        "unentitled",
        "voided",
        [enrolled(WANG), exit_ := exited(stop_month="2021-02"), voided(exit_), paid("2021-03")],
        [("2021-03", "high", "after")],
    ),
    Lawful("unentitled", "returned", [PAYMENT, returned(PAYMENT)], [("2021-03", "high", "never")]),
    Lawful(
        "large-payment",
        "arrears",
        [enrolled(WANG), paid("2021-03"), paid("2021-03", 5000, kind="arrears")],
        [("2021-03", "medium", 5000)],
    ),
    Lawful(
        "large-payment",
        "one_off",
        [enrolled(WANG), paid("2021-03"), paid("2021-03", 5000, kind="one_off")],
        [("2021-03", "medium", 5000)],
    ),
    Lawful(
        "large-payment",
        "adjustment",
        [enrolled(WANG), adjusted("2021-03", 95000), paid("2021-03", 95000)],
        [("2021-03", "medium", 5000)],
    ),
    Lawful(
        "large-payment",
        "policy",
        [enrolled(WANG), adopted("large_payment.multiple", 1.1), paid("2021-03", 99000)],
        [("2021-03", "medium", 9000)],
    ),
    Lawful("large-payment", "outside_spell", [paid("2021-03")], [("2021-03", "medium", 90000)]),
    Lawful(
        "large-payment", "voided", [enrolled(WANG), LARGE, voided(LARGE)], [("2021-03", "medium", 810_000)]
    ),
    Lawful(
        "large-payment",
        "repeated",
        [enrolled(WANG), PAYMENT, PAYMENT],
        [("2021-03", "medium", 90000)],
    ),
    Lawful(
        "large-payment",
        "conflict",
        [enrolled(WANG), LARGE, with_data(LARGE, amount_fen=900_001)],
        [("2021-03", "medium", 810_001)],
    ),
    Lawful(
        "large-payment",
        "returned",
        [enrolled(WANG), LARGE, returned(LARGE)],
        [("2021-03", "medium", 810_000)],
    ),
    Lawful(
        "custody-expired",
        "ended",
        [enrolled(WANG), granted(valid_to="2021-06-30"), custody_ended("2021-06-30")],
        [("C1", "medium", "2021-07-01")],
    ),
    Lawful(
        "custody-expired",
        "left",
        [enrolled(WANG), granted(valid_to="2021-06-30"), exited(stop_month="2021-10")],
        [("C1", "medium", "2021-07-01")],
    ),
    Lawful(
        "custody-expired",
        "renewed",
        [enrolled(WANG), granted(valid_to="2021-06-30"), granted(time="2021-06-20", valid_to="2022-06-30")],
        [("C1", "medium", "2021-07-01")],
    ),
    Lawful(
        "custody-expired",
        "last_day",
        [enrolled(WANG), granted(valid_to="2021-10-31")],
        [("C1", "medium", "2021-10-31")],
    ),
]


@pytest.mark.parametrize("case", LAWFUL, ids=lambda case: f"{case.rule}-{case.clause}")
def test_a_clause_keeps_a_false_positive_away(case: Lawful) -> None:
    assert found(case.facts, case.rule) == []
    assert found(case.facts, case.rule, case.clause) == case.false_positives


def test_every_clause_of_a_rule_has_an_example() -> None:
    shown = {(case.rule, case.clause) for case in LAWFUL} | {("paid-after-death", "grace")}
    everywhere = {"voided", "repeated", "conflict", "returned"}
    for rule, clauses in CLAUSES.items():
        assert {name for name in clauses if (rule, name) not in shown} <= everywhere
    assert everywhere <= {clause for _, clause in shown}


def test_an_unknown_clause_is_refused() -> None:
    with pytest.raises(ValueError, match="no such clause"):
        findings([], CLOSED, without={"custardy"})


class TestPaidAfterDeath:
    RULE = "paid-after-death"

    def test_grace_is_counted_from_the_month_of_death(self) -> None:
        facts = [enrolled(WANG), died(WANG, "2021-01-31")] + [paid(f"2021-0{month}") for month in (4, 5)]
        assert found(facts, self.RULE) == [("2021-04", "info", 90000), ("2021-05", "high", 90000)]
        assert found(facts, self.RULE, "grace") == [("2021-04", "high", 90000), ("2021-05", "high", 90000)]
        longer = adopted("death.grace_months", 6, "2021-05-01")
        assert found([*facts, longer], self.RULE)[1] == ("2021-05", "info", 90000)
        assert found([*facts, adopted("death.grace_months", 6, "2021-05-02")], self.RULE)[1][1] == "high"

    def test_share_is_the_component_else_an_equal_part_rounded_down(self) -> None:
        facts = [enrolled(WANG, LI, ZHAO, entitlement_fen=100_000), died(LI, "2021-01-02"), paid("2021-02")]
        assert found(facts, self.RULE) == [("2021-02", "info", 33333)]
        component = adjusted("2021-02", 100_000, components=[{"person": LI, "entitlement_fen": 41000}])
        assert found([*facts, component], self.RULE) == [("2021-02", "info", 41000)]

    def test_all_of_the_payment_if_no_member_lives(self) -> None:
        facts = [enrolled(WANG, LI), died(LI, "2021-01-02"), died(WANG, "2021-02-02")]
        facts += [paid("2021-02", 80000), paid("2021-03", 80000), paid("2021-03", 1000, kind="one_off")]
        assert found(facts, self.RULE) == [("2021-02", "info", 45000), *[("2021-03", "info", 81000)] * 2]

    def test_a_15_digit_number_is_the_same_person(self) -> None:
        old = {"name": "李二", "id_number": "500102580215311"}
        assert found([enrolled(LI), died(old, "2021-01-02"), paid("2021-02")], self.RULE) != []


class TestNameMismatch:
    RULE = "name-mismatch"

    @pytest.mark.parametrize(
        ("change", "condition"),
        [
            ({"agreement_no": None}, "agreement_no"),
            ({"filed_on": None}, "filed_on"),
            ({"valid_to": "2021-03-24"}, "valid_to"),
            ({"valid_from": "2021-03-26"}, "valid_from"),
            ({"custodian": ZHAO}, "custodian_name"),
        ],
    )
    def test_a_custody_that_fails_one_condition_is_medium(
        self, change: dict[str, Any], condition: str
    ) -> None:
        facts = [enrolled(WANG), granted(**change), paid("2021-03", holder="外人甲")]
        assert found(facts, self.RULE) == [("2021-03", "medium", [condition])]

    def test_a_custody_ended_before_the_payment_is_medium(self) -> None:
        facts = [enrolled(WANG), granted(), paid("2021-03", holder="外人甲")]
        assert found([*facts, custody_ended("2021-03-25")], self.RULE) == []
        assert found([*facts, custody_ended("2021-03-24")], self.RULE) == [
            ("2021-03", "medium", ["ended_on"])
        ]

    @pytest.mark.parametrize("change", [{"account_number": "6217000000000002"}, {"beneficiary": LI}])
    def test_a_custody_of_another_account_or_person_is_none(self, change: dict[str, Any]) -> None:
        facts = [enrolled(WANG), granted(**change), paid("2021-03", holder="外人甲")]
        assert found(facts, self.RULE) == [("2021-03", "high", [])]

    @pytest.mark.parametrize("holder", ["張國華", "章国华"])
    def test_traditional_characters_and_homophones_are_low(self, holder: str) -> None:
        zhang = {"name": "张国华", "local_no": "9"}
        assert found([enrolled(zhang), paid("2021-03", holder=holder)], self.RULE) == [("2021-03", "low", [])]

    def test_an_institution_receives_for_tekun_only(self) -> None:
        assert found([enrolled(WANG), paid("2021-03", account=HOME_ACCOUNT)], self.RULE) != []

    def test_several_payments_of_a_key_are_one_finding(self) -> None:
        facts = [enrolled(WANG), granted(valid_to="2021-03-25")]
        facts += [paid("2021-03", holder="外人甲", paid_on=day) for day in ("2021-03-25", "2021-03-26")]
        assert found(facts, self.RULE) == [("2021-03", "medium", ["valid_to"])]


class TestMembershipAndSpells:
    def test_changes_of_one_month_apply_in_order_of_decision(self) -> None:
        again = enrolled(WANG, from_month="2021-03", decided_on="2021-02-20")
        exit_ = exited(stop_month="2021-03", decided_on="2021-02-10")
        later = exited(stop_month="2021-03", decided_on="2021-02-25")
        facts = [enrolled(WANG), again, paid("2021-03")]
        assert found([*facts, exit_], "unentitled") == []
        assert found([*facts, later], "unentitled") == [("2021-03", "high", "after")]

    def test_a_spell_ends_when_its_last_member_leaves(self) -> None:
        facts = [enrolled(WANG, LI), exited(LI, stop_month="2021-02"), paid("2021-02"), paid("2021-03")]
        assert found(facts, "unentitled") == []
        gone = members_changed("2021-03", removed=(WANG,))
        assert found([*facts, gone], "unentitled") == [("2021-03", "high", "after")]
        instead = members_changed("2021-03", added=(ZHAO,), removed=(WANG,))
        assert found([*facts, instead], "unentitled") == []

    def test_before_and_never(self) -> None:
        assert found([paid("2020-12"), enrolled(WANG)], "unentitled") == [("2020-12", "high", "before")]
        assert found([paid("2021-03"), enrolled(WANG, programme="tekun")], "unentitled") == [
            ("2021-03", "high", "never")
        ]

    def test_entitlements_of_one_month_are_decided_by_time(self) -> None:
        facts = [enrolled(WANG), paid("2021-03", 100_000)]
        facts += [
            adjusted("2021-02", 95000, time="2021-06-01"),
            adjusted("2021-02", 80000, time="2021-05-01"),
        ]
        assert found(facts, "large-payment") == [("2021-03", "medium", 5000)]


class TestLargePayment:
    RULE = "large-payment"

    def test_the_allowed_sum_is_rounded_down(self) -> None:
        facts = [enrolled(WANG, entitlement_fen=10001), adopted("large_payment.multiple", 1.25)]
        assert found([*facts, paid("2021-03", 12501)], self.RULE) == []
        assert found([*facts, paid("2021-03", 12502)], self.RULE) == [("2021-03", "medium", 1)]

    def test_the_most_specific_policy_wins_then_the_latest(self) -> None:
        facts = [enrolled(WANG), paid("2021-03", 300_000)]
        values = [
            (adopted("large_payment.multiple", 1.1, "2021-02-01"), 99000),
            (adopted("large_payment.multiple", 1.2, "2019-01-01", programme="rural_dibao"), 108_000),
            (adopted("large_payment.multiple", 1.3, "2019-01-01", division_prefix="500102"), 117_000),
            (adopted("large_payment.multiple", 1.4, "2020-01-01", division_prefix="500102"), 126_000),
            (adopted("large_payment.multiple", 9, "2021-03-02", division_prefix="500102008"), 126_000),
            (adopted("large_payment.multiple", 9, "2021-01-01", division_prefix="110"), 126_000),
        ]
        for policy, allowed in values:
            facts = [policy, *facts]
            assert found(facts, self.RULE) == [("2021-03", "medium", 300_000 - allowed)]


class TestCustodyExpired:
    def test_it_opens_on_the_day_after_valid_to(self) -> None:
        facts = [enrolled(WANG), granted(valid_to="2021-06-30")]
        assert findings(facts, date(2021, 6, 30)) == []
        assert [one.key for one in findings(facts, date(2021, 7, 1))] == [{"custody_no": "C1"}]
        assert findings(facts, None) == []


def test_a_payee_outside_is_a_stranger() -> None:
    facts = [enrolled(WANG), paid("2021-03", holder=STRANGER["name"], **{})]
    assert found(facts, "name-mismatch") == [("2021-03", "high", [])]
    assert found([*facts, enrolled(STRANGER, household_no="H2")], "name-mismatch") != []
