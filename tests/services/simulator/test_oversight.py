"""Labels of the rules beyond the spine: an independent scan of the facts finds exactly them."""

import pytest

from services.simulator.rules import BY_NAME
from services.simulator.schemes import DEEDS
from tests.oracle.oversight import RULES, Found
from tests.services.simulator.conftest import CROWDED, SMALL, Run, run


def labelled(finished: Run, rule: str) -> list[Found]:
    """The labels of a rule, as the scan would say them."""
    return [
        Found(
            tuple(sorted((n, f"id:{v}" if n == "person" else v) for n, v in label["key"].items())),
            label["severity"],
            {name: value for name, value in label.items() if name not in ("rule", "key", "severity", "case")},
        )
        for label in finished.labels["anomalies"]
        if label["rule"] == rule
    ]


def text(found: Found) -> str:
    return f"{found.key} {found.severity} {sorted(found.extras.items())}"


def assert_exactly_the_labels(finished: Run, rule: str) -> None:
    known = labelled(finished, rule)
    scanned = list(RULES[rule](finished.log))
    assert sorted(map(text, scanned)) == sorted(map(text, known))
    keys = {one.key for one in known}
    assert len(keys) == len(known), "a key is labelled twice"
    for look in finished.labels["lookalikes"]:
        if look["rule"] == rule:
            assert tuple(sorted(look["key"].items())) not in keys


@pytest.mark.parametrize("rule", RULES)
def test_a_scan_finds_the_labels_and_nothing_else(street: Run, rule: str) -> None:
    assert_exactly_the_labels(street, rule)


@pytest.mark.parametrize("seed", SMALL)
@pytest.mark.parametrize("rule", RULES)
def test_small_runs_are_labelled_exactly(rule: str, seed: int) -> None:
    assert_exactly_the_labels(run(60, seed), rule)


@pytest.mark.parametrize("rule", RULES)
def test_odd_runs_are_labelled_exactly(rule: str) -> None:
    for households, first, last in (
        (1, "2018-01", "2021-12"),
        (60, "2021-01", "2021-01"),
        (150, "2020-06", "2021-05"),
    ):
        assert_exactly_the_labels(run(households, 5, first, last), rule)


@pytest.mark.parametrize("rule", RULES)
def test_a_crowded_run_is_labelled_exactly(rule: str) -> None:
    assert_exactly_the_labels(run(*CROWDED), rule)


def test_where_everybody_has_signed_somebody_is_borrowed() -> None:
    """More petitions are closed on one day than there are hands to sign them: it looked for them for ever."""
    appointed = run(*CROWDED).log.of("officials.appointed")
    assert any(fact.data["post"] == "借调人员" for fact in appointed)


@pytest.mark.parametrize("rule", RULES)
def test_twenty_true_cases_and_twenty_of_each_lookalike(street: Run, rule: str) -> None:
    totals = street.labels["totals"]
    assert totals["anomalies_by_rule"][rule] >= 20
    cases = totals["lookalikes_by_case"][rule]
    assert len(cases) >= 3
    assert min(cases.values()) >= 20, cases


def test_every_deed_comes_out(street: Run) -> None:
    totals = street.labels["totals"]
    for deed in DEEDS:
        counts = [
            totals[name].get(deed.rule, {}).get(deed.case, 0)
            for name in ("anomalies_by_case", "lookalikes_by_case")
        ]
        assert max(counts) > 0, (deed.rule, deed.case)


def test_labels_are_as_the_table_says(street: Run) -> None:
    for label in street.labels["anomalies"]:
        rule = BY_NAME[label["rule"]]
        assert tuple(label["key"]) == rule.key
        assert set(label) - {"rule", "key", "severity", "case"} <= set(rule.extras), label
        assert label["severity"] in (*rule.severity.replace(";", " ").replace(",", " ").split(), "low")
    for look in street.labels["lookalikes"]:
        assert set(look["key"]) == set(BY_NAME[look["rule"]].key), look


def test_every_parameter_of_a_rule_is_adopted(street: Run) -> None:
    adopted = {fact.data["parameter"] for fact in street.log.of("policy.adopted")}
    assert {parameter for rule in BY_NAME.values() for parameter in rule.parameters} == adopted
