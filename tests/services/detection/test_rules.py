"""Each rule by example: given these facts, then these findings; and each exception clause, turned off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.phrases import sentence
from services.detection import looking
from services.detection.rows import fact_rows
from services.detection.rules import ALL, BY_NAME
from services.detection.subjects import kind_of
from tests.oracle.clauses import CLAUSES, EVERY_RULE
from tests.services.detection.history import history
from tests.services.detection.looking import due, found, kept
from tests.services.detection.upstream import (
    NUMBERS_ACCOUNT,
    Raw,
    adopted,
    custody_ended,
    died,
    enrolled,
    event_of,
    exited,
    fact,
    granted,
    paid,
    person_of,
    returned,
)


@dataclass(frozen=True)
class Lawful:
    """Facts that are in order because of a clause; without it there are false positives."""

    rule: str
    clause: str
    facts: list[Raw]
    closed: str | None = None


NURSING_HOME: dict[str, Any] = {"number": "62170000000009", "institution": True}
LAWFUL = [
    *(
        Lawful("paid-after-death", clause, facts)
        for clause, facts in {
            "month_of_death": [enrolled("H", "甲"), died("甲", "2021-03-02"), paid("H", "2021-03", "甲")],
            "left": [
                enrolled("H", "甲", "乙"),
                exited("H", "2021-02", "甲"),
                died("甲", "2021-01-20"),
                paid("H", "2021-04", "乙"),
            ],
            "returned": [
                enrolled("H", "甲"),
                died("甲", "2021-01-20"),
                paid("H", "2021-03", "甲"),
                returned("P-H-2021-03", "H", "2021-03", "甲"),
            ],
        }.items()
    ),
    *(
        Lawful("name-mismatch", clause, facts)
        for clause, facts in {
            "custody": [enrolled("H", "甲"), granted("C", "H", "甲", "丙"), paid("H", "2021-03", "丙")],
            "member_account": [enrolled("H", "甲", "乙"), paid("H", "2021-03", "乙")],
            "any_programme": [
                enrolled("H", "甲"),
                enrolled("H", "乙", programme="tekun"),
                paid("H", "2021-03", "乙"),
            ],
            "former_member": [
                enrolled("H", "甲"),
                exited("H", "2021-02"),
                paid("H", "2021-03", "甲"),
            ],
            "normalised": [enrolled("H", "阿·买"), paid("H", "2021-03", "阿 • 买")],
            "institution": [
                enrolled("H", "甲", programme="tekun"),
                paid("H", "2021-03", "敬老院", programme="tekun", **NURSING_HOME),
            ],
            "returned": [
                enrolled("H", "甲"),
                paid("H", "2021-03", "丙"),
                returned("P-H-2021-03", "OTHER", "2021-04", "甲"),
            ],
        }.items()
    ),
    *(
        Lawful("shared-account", clause, facts)
        for clause, facts in {
            "institution": [
                paid("H1", "2021-03", "敬老院", **NURSING_HOME),
                paid("H2", "2021-03", "敬老院", **NURSING_HOME),
            ],
            "same_household": [
                paid("H", "2021-03", "甲"),
                paid("H", "2021-03", "甲", no="P2", programme="tekun"),
            ],
            "same_month": [paid("H1", "2021-03", "甲"), paid("H2", "2021-04", "甲")],
            "arrears": [paid("H1", "2021-03", "甲"), paid("H2", "2021-03", "甲", kind="arrears")],
            "one_off": [paid("H1", "2021-03", "甲"), paid("H2", "2021-03", "甲", kind="one_off")],
            "returned": [
                paid("H1", "2021-03", "甲"),
                paid("H2", "2021-03", "甲"),
                returned("P-H2-2021-03", "H2", "2021-03", "甲"),
            ],
        }.items()
    ),
    *(
        Lawful("unentitled", clause, facts)
        for clause, facts in {
            "arrears": [
                enrolled("H", "甲"),
                exited("H", "2021-03"),
                paid("H", "2021-02", "甲", kind="arrears", paid_on="2021-04-25"),
            ],
            "one_off": [paid("H", "2021-03", "甲", kind="one_off")],
            "enrolled_again": [
                enrolled("H", "甲"),
                exited("H", "2021-02"),
                enrolled("H", "甲", from_month="2021-04"),
                paid("H", "2021-05", "甲"),
            ],
            "returned": [paid("H", "2021-03", "甲"), returned("P-H-2021-03", "H", "2021-03", "甲")],
        }.items()
    ),
    *(
        Lawful("large-payment", clause, facts)
        for clause, facts in {
            "arrears": [
                enrolled("H", "甲"),
                paid("H", "2021-03", "甲"),
                paid("H", "2021-03", "甲", no="P2", kind="arrears"),
            ],
            "one_off": [
                enrolled("H", "甲"),
                paid("H", "2021-03", "甲"),
                paid("H", "2021-03", "甲", no="P2", kind="one_off"),
            ],
            "adjustment": [
                enrolled("H", "甲"),
                fact(
                    "enrollment.entitlement_adjusted",
                    "a",
                    household_no="H",
                    programme="rural_dibao",
                    from_month="2021-02",
                    entitlement_fen=45000,
                    reason="提标",
                ),
                paid("H", "2021-03", "甲", 45000),
            ],
            "policy": [
                enrolled("H", "甲"),
                adopted("large_payment.multiple", 1.5, "2021-03-01"),
                paid("H", "2021-03", "甲", 45000),
            ],
            "outside_spell": [paid("H", "2021-03", "甲")],
            "returned": [
                enrolled("H", "甲"),
                paid("H", "2021-03", "甲"),
                paid("H", "2021-03", "甲", no="P2"),
                returned("P2", "H", "2021-03", "甲"),
            ],
        }.items()
    ),
    *(
        Lawful("custody-expired", clause, facts, closed)
        for clause, closed, facts in (
            (
                "ended",
                "2021-07-31",
                [enrolled("H", "甲"), granted("C", "H", "甲", "丙"), custody_ended("C", "H", "2021-06-01")],
            ),
            (
                "left",
                "2021-07-31",
                [enrolled("H", "甲"), granted("C", "H", "甲", "丙"), exited("H", "2021-07")],
            ),
            (
                "renewed",
                "2021-07-31",
                [
                    enrolled("H", "甲"),
                    granted("C", "H", "甲", "丙"),
                    granted("C", "H", "甲", "丙", id_="again", valid_to="2021-12-31")
                    | {"time": "2021-06-01T09:00:00+08:00"},
                ],
            ),
            ("last_day", "2021-06-30", [enrolled("H", "甲"), granted("C", "H", "甲", "丙")]),
        )
    ),
]


@pytest.mark.parametrize("case", LAWFUL, ids=lambda case: f"{case.rule}-{case.clause}")
def test_without_its_clause_a_lawful_case_is_a_false_positive(case: Lawful) -> None:
    assert found(case.rule, case.facts, case.closed) == []
    assert found(case.rule, case.facts, case.closed, without=case.clause) != []


def test_every_clause_of_the_contract_has_its_case() -> None:
    cases = {(case.rule, case.clause) for case in LAWFUL} | {("paid-after-death", "grace")}
    names = {case.rule for case in LAWFUL}  # the others have files of their own
    declared = {(rule.name, clause) for rule in ALL.rules for clause in rule.clauses if rule.name in names}
    assert declared == cases
    contract = {(rule, clause) for rule, of in CLAUSES.items() for clause in of if clause not in EVERY_RULE}
    assert declared == contract


def test_after_death_severity_turns_with_the_months_of_grace() -> None:
    facts = [enrolled("H", "甲", "乙"), died("甲", "2021-01-31")]
    facts += [paid("H", f"2021-{month:02d}", "乙") for month in range(1, 7)]
    assert [(f.month, f.severity) for f in found("paid-after-death", facts)] == [
        ("2021-02", "info"),
        ("2021-03", "info"),
        ("2021-04", "info"),
        ("2021-05", "high"),
        ("2021-06", "high"),
    ]
    assert {f.severity for f in found("paid-after-death", facts, without="grace")} == {"high"}
    stricter = [*facts, adopted("death.grace_months", 0, "2021-03-01")]
    assert [f.severity for f in found("paid-after-death", stricter)] == ["info", *["high"] * 4]


def test_overpaid_is_the_component_else_a_share_else_all() -> None:
    def overpaid(*raws: Raw) -> list[tuple[int, str]]:
        facts = [*raws, died("甲", "2021-01-31"), paid("H", "2021-02", "乙", 30001)]
        return [(f.params["overpaid_fen"], f.params["basis"]) for f in found("paid-after-death", facts)]

    members = [
        {"person": person_of("甲"), "relation": "本人", "entitlement_fen": 12000},
        {"person": person_of("乙"), "relation": "配偶"},
    ]
    assert overpaid(enrolled("H", "甲", "乙", members=members)) == [(12000, "component")]
    assert overpaid(enrolled("H", "甲", "乙", fen=30001)) == [(15000, "share")]
    assert overpaid(enrolled("H", "甲")) == [(30001, "all")]


@pytest.mark.parametrize(
    ("fails", "change"),
    [
        ("agreement_no", {"agreement_no": None}),
        ("filed_on", {"filed_on": None}),
        ("valid_from", {"valid_from": "2021-03-26"}),
        ("valid_to", {"valid_to": "2021-03-24"}),
    ],
)
def test_a_custody_that_does_not_clear_says_why(fails: str, change: dict[str, Any]) -> None:
    facts = [enrolled("H", "甲"), granted("C", "H", "甲", "丙", **change), paid("H", "2021-03", "丙")]
    (finding,) = found("name-mismatch", facts)
    assert (finding.severity, finding.params["custody_fails"]) == ("medium", [fails])
    assert finding.params["custodies"] == ["C"]


def test_a_custody_clears_up_to_the_day_on_which_it_ended() -> None:
    facts = [enrolled("H", "甲"), granted("C", "H", "甲", "丙"), paid("H", "2021-03", "丙")]
    assert found("name-mismatch", [*facts, custody_ended("C", "H", "2021-03-25")]) == []
    (finding,) = found("name-mismatch", [*facts, custody_ended("C", "H", "2021-03-24")])
    assert finding.params["custody_fails"] == ["ended_on"]


def test_another_name_on_the_account_is_high_and_a_variant_of_a_members_low() -> None:
    (other,) = found("name-mismatch", [enrolled("H", "陈升"), paid("H", "2021-03", "丙")])
    assert (other.severity, other.params["tier"]) == ("high", None)
    (variant,) = found("name-mismatch", [enrolled("H", "陈升"), paid("H", "2021-03", "陈昇")])
    assert (variant.severity, variant.params["tier"]) == ("low", "variant")


def test_shared_account_names_the_households() -> None:
    (finding,) = found("shared-account", [paid(f"H{n}", "2021-03", "甲") for n in (2, 1, 3)])
    assert finding.key == {"account": NUMBERS_ACCOUNT, "month": "2021-03"}
    assert finding.params == {"households": ["H1", "H2", "H3"], "household_count": 3, "paid_fen": 90000}


def test_unentitled_says_before_after_or_never() -> None:
    spell = [enrolled("H", "甲", from_month="2021-03"), exited("H", "2021-05")]
    facts = [paid("H", month, "甲") for month in ("2021-02", "2021-03", "2021-05")]
    when = {f.month: f.params["when"] for f in found("unentitled", spell + facts)}
    assert when == {"2021-02": "before", "2021-05": "after"}
    other = [enrolled("H", "甲"), paid("H", "2021-03", "甲", programme="tekun")]
    assert [f.params["when"] for f in found("unentitled", other)] == ["never"]


@pytest.mark.parametrize("rule", ["unentitled", "name-mismatch"])
def test_a_household_of_which_nothing_is_known_is_said_to_be_unknown(rule: str) -> None:
    payment = paid("H", "2021-03", "甲")
    (finding,) = found(rule, [payment])
    assert (finding.severity, finding.params["enrolment"]) == ("high", "unknown")
    said = sentence(BY_NAME[rule].phrases, {**finding.params, **finding.key})
    assert "没有该户纳入保障的任何记录" in said
    assert "不是该户成员" not in said
    assert "该月" not in said

    (known,) = found(rule, [paid("H", "2020-12", "丙"), enrolled("H", "甲")])
    assert (known.severity, known.params["enrolment"]) == ("high", None)
    said = sentence(BY_NAME[rule].phrases, {**known.params, **known.key})
    assert {"unentitled": "该月尚未纳入保障", "name-mismatch": "户名不是该户成员"}[rule] in said


def test_large_payment_gives_the_excess_over_the_multiple_rounded_down() -> None:
    facts = [
        enrolled("H", "甲", fen=30001),
        adopted("large_payment.multiple", 1.5, "2021-03-01"),
        paid("H", "2021-03", "甲", 45002),
        paid("H", "2021-02", "甲", 30002),
    ]
    excess = {f.month: f.params["excess_fen"] for f in found("large-payment", facts)}
    assert excess == {"2021-03": 1, "2021-02": 1}


def test_custody_expired_from_the_day_after_valid_to_and_due_before() -> None:
    facts = [enrolled("H", "甲"), granted("C", "H", "甲", "丙")]
    assert found("custody-expired", facts, "2021-06-30") == []
    (finding,) = found("custody-expired", facts, "2021-07-01")
    assert finding.params["since"] == "2021-07-01"
    assert due("custody-expired", "custody:C", facts, "2021-06-01") == "2021-07-01"


def test_a_custody_until_the_last_day_of_all_is_never_due() -> None:
    facts = [enrolled("H", "甲"), granted("C", "H", "甲", "丙", valid_to="9999-12-31")]
    assert found("custody-expired", facts, "2021-07-01") == []
    assert due("custody-expired", "custody:C", facts, "2021-06-01") is None


def test_institutions_are_exempt_for_tekun_only() -> None:
    facts = [enrolled("H", "甲"), paid("H", "2021-03", "敬老院", **NURSING_HOME)]
    assert [f.severity for f in found("name-mismatch", facts)] == ["high"]


def test_evidence_is_capped_with_its_full_count() -> None:
    (finding,) = found("shared-account", [paid(f"H{n:02d}", "2021-03", "甲") for n in range(60)])
    assert (len(finding.evidence), finding.evidence_count) == (50, 60)
    assert (len(finding.params["households"]), finding.params["household_count"]) == (50, 60)


def test_where_a_sufficient_test_holds_there_is_nothing_to_find() -> None:
    tested: Counter[str] = Counter()

    @given(seed=st.integers(0, 2**32))
    @settings(max_examples=30, deadline=None)
    def example(seed: int) -> None:
        by_subject = kept(history(seed, 40).raws)
        for name in [*by_subject]:
            for rule in ALL.of_subject.get(kind_of(name), ()):
                if rule.clear is None:
                    continue
                view = looking.view_of(name, by_subject, "2021-07-31")
                if rule.clear(view):
                    tested[rule.name] += 1
                    assert rule.findings(view, ()) == [], rule.name

    example()
    assert tested.keys() == {rule.name for rule in ALL.rules if rule.clear is not None}


def test_a_fact_without_a_rule_makes_no_row() -> None:
    raised = fact(
        "funds.raised",
        "1",
        fund_no="F",
        programme="rural_dibao",
        level="district",
        year=2021,
        amount_fen=1,
        raised_on="2021-01-01",
        document="文件",
    )
    assert fact_rows(event_of(raised)) == []


def test_account_is_a_token_everywhere() -> None:
    for row in fact_rows(event_of(paid("H", "2021-03", "甲"))):
        assert "6217000000000001" not in row.subject + row.body
        assert "甲" not in row.body
