"""Labels: enough of every class, no key twice, and exactly what an independent scan of the facts finds."""

from collections import Counter
from typing import Any

import pytest

from services.simulator.schemes import SCHEMES
from tests.oracle.clauses import CLAUSES
from tests.oracle.scan import Finding
from tests.services.simulator.conftest import CROWDED, SMALL, Run, run
from tests.services.simulator.findings import identity

AMOUNTS = ("overpaid_fen", "excess_fen", "households", "when")


def labelled(label: dict[str, Any]) -> dict[str, Any]:
    return {name: label[name] for name in ("severity", *AMOUNTS) if name in label}


def found(finding: Finding) -> dict[str, Any]:
    return {"severity": finding.severity} | {n: finding.params[n] for n in AMOUNTS if n in finding.params}


def assert_exactly_the_labels(finished: Run) -> None:
    known = [a for a in finished.labels["anomalies"] if a["rule"] in CLAUSES]
    labels = {identity(a["rule"], a["key"]): labelled(a) for a in known}
    assert len(labels) == len(known), "a key is labelled twice"
    scanned = {identity(f.rule, f.key): found(f) for f in finished.findings()}
    assert scanned == labels
    lawful = {identity(one["rule"], one["key"]) for one in finished.labels["lookalikes"]}
    assert lawful.isdisjoint(scanned)


def test_an_independent_scan_finds_the_labels_and_nothing_else(street: Run) -> None:
    assert_exactly_the_labels(street)


@pytest.mark.parametrize("seed", SMALL)
def test_small_streets_are_labelled_exactly(seed: int) -> None:
    assert_exactly_the_labels(run(60, seed))


@pytest.mark.parametrize(
    ("households", "first", "last"),
    [
        (1, "2018-01", "2021-12"),
        (60, "2021-01", "2021-01"),
        (60, "2021-03", "2021-05"),
        (150, "2020-06", "2021-05"),
    ],
)
def test_odd_runs_are_labelled_exactly(households: int, first: str, last: str) -> None:
    assert_exactly_the_labels(run(households, 5, first, last))


def test_a_crowded_run_is_labelled_exactly() -> None:
    assert_exactly_the_labels(run(*CROWDED))


def test_twenty_true_cases_of_each_rule_and_twenty_of_each_lookalike(street: Run) -> None:
    totals = street.labels["totals"]
    assert set(totals["anomalies_by_rule"]) >= set(CLAUSES)
    for rule in CLAUSES:
        assert totals["anomalies_by_rule"][rule] >= 20
        cases = totals["lookalikes_by_case"][rule]
        assert len(cases) >= 5
        assert min(cases.values()) >= 20, (rule, cases)


def test_every_class_appears_from_sixty_households_on(hamlet: Run) -> None:
    totals = hamlet.labels["totals"]
    cases = {
        (rule, case)
        for by_case in (totals["anomalies_by_case"], totals["lookalikes_by_case"])
        for rule in by_case
        for case in by_case[rule]
    }
    assert {(scheme.rule, scheme.case) for scheme in SCHEMES} - cases == set()


@pytest.mark.parametrize(
    ("rule", "clause"),
    [
        (rule, clause)
        for rule, clauses in CLAUSES.items()
        for clause in clauses
        # a repeat or a conflict of a payment shows in its amount; custody numbers are never granted again
        if clause not in ("repeated", "conflict", "grace", "renewed") or rule == "large-payment"
    ],
)
def test_without_any_clause_of_a_rule_lookalikes_are_taken_for_irregular(rule: str, clause: str) -> None:
    finished = run(120, 6)
    known = {identity(a["rule"], a["key"]) for a in finished.labels["anomalies"]}
    scanned = finished.findings(without=[clause])
    assert [f for f in scanned if f.rule == rule and identity(f.rule, f.key) not in known]


def test_grace_decides_between_info_and_high(street: Run) -> None:
    severities = Counter(a["severity"] for a in street.labels["anomalies"] if a["rule"] == "paid-after-death")
    assert severities["info"] >= 20
    assert severities["high"] >= 20


def test_labels_say_what_they_are_of(street: Run) -> None:
    labels = street.labels
    assert labels["as_of"] == "2021-12-31"
    assert labels["settings"] == {
        "households": 1200, "streets": 1, "from": "2018-01", "to": "2021-12", "seed": street.settings.seed,
    }  # fmt: skip
    assert labels["totals"]["facts"] == len(street.facts)
    assert labels["totals"]["facts_by_type"] == dict(sorted(Counter(f["type"] for f in street.facts).items()))
