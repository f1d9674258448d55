"""closure-without-evidence: given how a petition was closed, is there nothing that shows it was settled."""

from __future__ import annotations

from typing import Any

import pytest

from services.detection.rules import BY_NAME
from tests.services.detection.cases_of_supervision import petition
from tests.services.detection.looking import due, found
from tests.services.detection.upstream import Raw

RULE = "closure-without-evidence"
FILED = petition("filed", "2021-03-01", household_no="H")
BARE = petition("closed", "2021-04-01")
SHOWN = petition("closed", "2021-04-02", evidence="回访记录、照片")


def seen(raws: list[Raw], closed: str = "2021-12-31", without: str = "") -> list[dict[str, Any]]:
    return [one.key | one.params for one in found(RULE, raws, closed, without)]


def test_settled_and_nothing_named_is_found() -> None:
    (finding,) = found(RULE, [FILED, BARE], "2021-12-31")
    assert (finding.severity, finding.key, finding.params, finding.household_no, finding.evidence_count) == (
        "medium",
        {"petition_no": "XF1"},
        {"closed_on": "2021-04-01"},
        "H",
        1,
    )


def test_a_petition_that_nobody_filed_is_found_all_the_same() -> None:
    assert seen([BARE]) == [{"petition_no": "XF1", "closed_on": "2021-04-01"}]


def test_of_two_closures_that_count_each_needs_its_evidence() -> None:
    later = petition("closed", "2021-05-01")
    assert seen([FILED, BARE, SHOWN]) == [{"petition_no": "XF1", "closed_on": "2021-04-01"}]
    (finding,) = found(RULE, [FILED, later, SHOWN, BARE], "2021-12-31")
    assert (finding.params, finding.evidence_count) == ({"closed_on": "2021-05-01"}, 2)


def test_a_closure_dated_ahead_is_found_when_its_day_is_closed() -> None:
    facts = [FILED, BARE]
    assert seen(facts, "2021-03-31") == []
    assert due(RULE, "petition:XF1", facts, "2021-03-31") == "2021-04-01"
    assert len(seen(facts, "2021-04-01")) == 1
    assert due(RULE, "petition:XF1", facts, "2021-04-01") is None


LAWFUL = [
    ("unsettled", [FILED, petition("closed", "2021-04-01", outcome="not_settled")]),
    ("unsettled", [FILED, petition("closed", "2021-04-01", outcome="withdrawn")]),
    ("evidenced", [FILED, SHOWN]),
]


def test_each_clause_is_shown() -> None:
    assert {clause for clause, _ in LAWFUL} == BY_NAME[RULE].clauses.keys()


@pytest.mark.parametrize(("clause", "facts"), LAWFUL)
def test_what_is_lawful_is_not_found_and_would_be_without_its_clause(clause: str, facts: list[Raw]) -> None:
    assert seen(facts) == []
    assert len(seen(facts, without=clause)) == 1
