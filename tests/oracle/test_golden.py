"""The oracle counts the golden street exactly as it was counted by hand, in any order and with repeats."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import annex2
from tests.oracle.facts import Raw, conflicts, read_facts
from tests.oracle.scan import Finding, findings

GOLDEN = Path(__file__).parent.parent / "golden"
AMOUNTS = ("overpaid_fen", "excess_fen", "households")


@pytest.fixture(scope="module")
def raws() -> list[Raw]:
    return read_facts(GOLDEN / "facts.ndjson")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    return loaded


def as_expected(finding: Finding, like: dict[str, Any]) -> dict[str, Any]:
    """The finding, reduced to the fields that the expected one gives."""
    full = {"rule": finding.rule, **finding.key, "severity": finding.severity, **finding.params}
    return {name: full[name] for name in like}


def assert_exactly(found: list[Finding], expected: list[dict[str, Any]]) -> None:
    """Every expected finding is found once, and nothing else is."""
    left = list(found)
    for one in expected:
        same = [
            finding
            for finding in left
            if finding.rule == one["rule"]
            and set(AMOUNTS) & set(finding.params) <= set(one)
            and as_expected(finding, one) == one
        ]
        assert len(same) == 1, (one, same)
        left.remove(same[0])
    assert left == []


def test_findings_are_those_counted_by_hand(raws: list[Raw], expected: dict[str, Any]) -> None:
    found = findings(raws, date.fromisoformat(expected["closed"]))
    assert len(found) == len(expected["findings"])
    assert_exactly(found, expected["findings"])


def test_annex_2_is_that_counted_by_hand(raws: list[Raw], expected: dict[str, Any]) -> None:
    form = expected["annex2"]
    cells = annex2.cells(raws, date.fromisoformat(form["until"]), form["programme"])
    for code, value in form["cells"].items():
        assert value == (
            [cells.pop(code + "h"), cells.pop(code + "p")] if isinstance(value, list) else cells.pop(code)
        ), code
    none = ("A3", "A4", "A4a", "A5", "A5a", "A6", "A7", *(f"B{number}" for number in range(1, 9)))
    assert cells == dict.fromkeys(none, 0), "no such fact in the street"


@pytest.mark.parametrize("seed", range(5))
def test_order_and_repeats_change_nothing(raws: list[Raw], expected: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    shuffled = raws + chance.sample(raws, k=len(raws) // 3)
    chance.shuffle(shuffled)
    closed = date.fromisoformat(expected["closed"])
    assert findings(shuffled, closed) == findings(raws, closed)
    assert annex2.cells(shuffled, closed) == annex2.cells(raws, closed)
    assert conflicts(shuffled) == conflicts(raws)


def test_one_id_came_with_two_contents(raws: list[Raw]) -> None:
    assert len(conflicts(raws)) == 1
