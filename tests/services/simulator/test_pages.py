"""The pages on the demonstration and on streets have the totals of seed 1, and have them right."""

import re
from pathlib import Path

from services.simulator.rules import BY_NAME
from tests.services.simulator.conftest import run

ROOT = Path(__file__).parents[3]


def test_the_totals_of_seed_1_are_those_of_the_pages() -> None:
    totals = run(1200, 1).labels["totals"]
    text = (ROOT / "docs" / "streets.md").read_text(encoding="utf-8").replace("\n", " ")
    demonstration = (ROOT / "docs" / "demonstration.md").read_text(encoding="utf-8")
    assert f"2018-01 to 2021-12: {totals['facts']:,} facts of 18 contexts" in text
    assert f"{totals['repeats']} repeats, {totals['conflicting_ids']} ids with two contents" in text
    assert f"接收 {totals['facts']:,} 条事实" in demonstration, "it is of another street"
    said = {rule: (int(a), int(b)) for rule, a, b in re.findall(r"([a-z][a-z-]+) (\d+) / (\d+)", text)}
    counted = {
        rule: (totals["anomalies_by_rule"][rule], sum(totals["lookalikes_by_case"][rule].values()))
        for rule in BY_NAME
    }
    assert {rule: said.get(rule) for rule in counted} == counted
