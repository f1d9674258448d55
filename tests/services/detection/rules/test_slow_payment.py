"""slow-payment: given when a batch was decided on, sent and paid, did it take too long."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_funds import line, submitted
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, adopted, returned

RULE = "slow-payment"
END = "2021-12-31"
LATE = line("P2", "2021-04-12")


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[list[str]]:
    return [one.params["links"] for one in found(RULE, raws, closed, without)]


@pytest.mark.parametrize(
    ("to_bank_on", "paid_on", "links"),
    [
        ("2021-03-27", "2021-04-11", []),  # each on its last day: 15 and 30 days
        ("2021-03-28", "2021-04-11", [["to_bank"]]),
        ("2021-03-27", "2021-04-12", [["paid"]]),
        ("2021-03-28", "2021-04-12", [["paid", "to_bank"]]),
    ],
)
def test_each_link_has_its_days_from_the_decision(to_bank_on: str, paid_on: str, links: list[Any]) -> None:
    assert seen([submitted(to_bank_on=to_bank_on), line("P1"), line("P2", paid_on)]) == links


def test_what_is_said_of_both_links() -> None:
    (finding,) = found(RULE, [submitted(to_bank_on="2021-03-28"), line("P1"), LATE], END)
    assert (finding.severity, finding.key, finding.evidence_count) == ("medium", {"batch_no": "B1"}, 2)
    assert finding.params == {
        "links": ["paid", "to_bank"],
        "decided_on": "2021-03-12",
        "to_bank_on": "2021-03-28",
        "to_bank_days": 15,
        "paid_on": "2021-04-12",
        "paid_days": 30,
    }


def test_what_came_back_had_taken_as_long() -> None:
    back = returned("P2", "H", "2021-03", "甲", returned_on="2021-04-20")
    assert seen([submitted(), LATE, back]) == [["paid"]]


def test_a_batch_without_payments_and_payments_without_a_batch() -> None:
    assert seen([submitted()]) == []
    assert seen([LATE]) == []


def test_the_last_submission_says_when_it_was_decided() -> None:
    again = submitted("again", decided_on="2021-03-20", to_bank_on="2021-03-25")
    assert seen([submitted(), LATE, again]) == []


def test_a_payment_dated_ahead_is_looked_at_when_its_day_is_closed() -> None:
    facts = [submitted(), line("P1"), LATE]
    assert seen(facts, "2021-04-11") == []
    assert due(RULE, "batch:B1", facts, "2021-04-11") == "2021-04-12"
    assert seen(facts, "2021-04-12") == [["paid"]]
    assert due(RULE, "batch:B1", facts, "2021-04-12") is None


def test_the_limits_are_those_of_the_months_last_day() -> None:
    facts = [submitted(), line("P1", "2021-03-30"), adopted("funds.paid_days", 10, "2021-04-01")]
    assert seen(facts) == []
    assert seen([*facts, adopted("funds.paid_days", 15, "2021-03-31")]) == [["paid"]]
    ours = adopted("funds.to_bank_days", 2, "2021-03-31", programme="rural_dibao")
    (finding,) = found(RULE, [*facts, ours], END)
    assert finding.policy == {"funds.to_bank_days": 2, "funds.paid_days": 30}


LAWFUL = {
    "policy": [
        submitted(to_bank_on="2021-03-28"),
        LATE,
        adopted("funds.paid_days", 40, "2021-01-01"),
        adopted("funds.to_bank_days", 20, "2021-01-01"),
    ]
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
