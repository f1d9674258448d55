"""settlement-difference: given a batch's payments and the bank's answer, do they agree."""

from __future__ import annotations

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_funds import line, settled, submitted
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw, returned

RULE = "settlement-difference"
END = "2021-12-31"
LINES = [line("P1", fen=20000), line("P2", fen=10000)]


def seen(raws: list[Raw], closed: str = END, without: str = "") -> list[int]:
    return [one.params["difference_fen"] for one in found(RULE, raws, closed, without)]


def back(no: str, day: str) -> Raw:
    return returned(no, "H", "2021-03", "甲", returned_on=day)


def test_what_the_bank_says_less_what_the_payments_say() -> None:
    (finding,) = found(RULE, [submitted(), *LINES, settled(fen=30100)], END)
    assert (finding.severity, finding.key, finding.evidence_count) == ("high", {"batch_no": "B1"}, 2)
    assert finding.params == {
        "difference_fen": 100,
        "settled_fen": 30100,
        "paid_fen": 30000,
        "settled_on": "2021-03-31",
    }
    assert seen([*LINES, settled(fen=29999)]) == [-1]  # whoever sent it to the bank
    assert seen([*LINES, settled(fen=30000)]) == []


def test_nothing_is_compared_before_the_bank_answers() -> None:
    facts = [submitted(), *LINES, settled("2021-04-05", 1)]
    assert seen(facts, "2021-04-04") == []
    assert due(RULE, "batch:B1", facts, "2021-04-04") == "2021-04-05"
    assert seen(facts, "2021-04-05") == [-29999]
    assert due(RULE, "batch:B1", facts, "2021-04-05") is None


def test_a_batch_of_which_nothing_was_paid() -> None:
    assert seen([submitted(), settled(fen=0)]) == []
    assert seen([submitted(), settled(fen=500)]) == [500]


@pytest.mark.parametrize(
    ("returned_on", "difference"), [("2021-03-30", [20000]), ("2021-03-31", [20000]), ("2021-04-01", [])]
)
def test_a_return_on_the_day_of_the_answer_is_one_by_then(returned_on: str, difference: list[int]) -> None:
    assert seen([*LINES, settled(fen=30000), back("P1", returned_on)]) == difference


def test_payments_of_another_batch_are_not_its_own() -> None:
    other = line("P3") | {"data": line("P3")["data"] | {"batch_no": "B2"}}
    assert seen([*LINES, other, settled(fen=30000)]) == []


LAWFUL = {
    "last": [*LINES, settled("2021-03-30", 1), settled("2021-03-31", 30000)],
    "returned_before": [*LINES, back("P1", "2021-03-31"), settled(fen=10000)],
    "returned_afterwards": [*LINES, back("P1", "2021-04-01"), settled(fen=30000)],
    "afterwards": [*LINES, line("P3", "2021-04-01"), settled(fen=30000)],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
