"""single-signature-closure: given who signed a closure, were it two persons."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_petitions import appointed, closed, filed
from tests.services.detection.looking import due, found, that_count
from tests.services.detection.upstream import Raw, void

RULE = "single-signature-closure"
FILED = filed("XF1", household_no="H")


def seen(raws: list[Raw], closed_day: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    return [one.key | one.params for one in found(RULE, that_count(raws), closed_day, without)]


@pytest.mark.parametrize("outcome", ["settled", "not_settled"])
@pytest.mark.parametrize(
    ("by", "confirmed", "signed_by"),
    [
        ("O1", None, "O1"),
        (None, "O2", "O2"),  # one name is one signature, whichever of the two it is
        ("O1", "O1", "O1"),
        (None, None, None),
    ],
)
def test_fewer_than_two_signatures_are_found(
    outcome: str, by: str | None, confirmed: str | None, signed_by: str | None
) -> None:
    said = {"closed_on": "2021-04-01"} | ({"signed_by": signed_by} if signed_by else {})
    (finding,) = found(RULE, [FILED, closed(by=by, confirmed=confirmed, outcome=outcome)], "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.household_no, finding.evidence_count) == (
        "medium",
        {"petition_no": "XF1"},
        said,
        "H",
        1,
    )


def test_two_numbers_of_one_person_are_one_signature() -> None:
    signed = [FILED, closed(by="O1", confirmed="O2"), appointed("O1", "甲")]
    facts = [*signed, appointed("O2", "甲", "2021-06-01")]
    assert seen(signed) == []
    assert len(seen(facts)) == 1
    assert seen(facts, "2021-05-31") == []  # the second number is not there yet
    assert due(RULE, "petition:XF1", facts, "2021-05-31") == "2021-06-01"
    assert seen([*signed, appointed("O2", "乙")]) == []


def test_of_two_closures_that_count_each_needs_its_signatures() -> None:
    proper = closed("2021-05-01", "O1", "O2")
    assert [one["closed_on"] for one in seen([FILED, closed(by="O1"), proper])] == ["2021-04-01"]
    (finding,) = found(RULE, [FILED, closed(by="O1"), closed("2021-06-01", "O3")], "2021-12-31")
    assert (finding.params, finding.evidence_count) == ({"closed_on": "2021-06-01", "signed_by": "O3"}, 2)


def test_a_closure_that_does_not_count_is_none() -> None:
    alone = closed(by="O1")
    assert len(seen([FILED, alone, alone])) == 1
    assert seen([FILED, alone, void(alone), closed("2021-04-02", "O1", "O2")]) == []
    assert seen([void(alone), FILED, alone]) == []
    assert seen([FILED, alone, closed(by="O1", confirmed="O2")]) == []  # one id with two contents


def test_a_closure_dated_ahead_is_found_when_its_day_is_closed() -> None:
    facts = [FILED, closed(by="O1")]
    assert seen(facts, "2021-03-31") == []
    assert due(RULE, "petition:XF1", facts, "2021-03-31") == "2021-04-01"
    assert len(seen(facts, "2021-04-01")) == 1
    assert due(RULE, "petition:XF1", facts, "2021-04-01") is None


LAWFUL = {
    "withdrawn": [FILED, closed(by="O1", outcome="withdrawn")],
    "two_signed": [FILED, closed(by="O1", confirmed="O2")],
}


def test_each_clause_is_shown() -> None:
    assert LAWFUL.keys() == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize("clause", LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str) -> None:
    assert seen(LAWFUL[clause]) == []
    assert len(seen(LAWFUL[clause], without=clause)) == 1
