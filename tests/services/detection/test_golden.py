"""The golden streets, counted by hand, come out exactly: any order, any batches, with repeats."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from services.detection.rules import BY_NAME
from services.simulator.rules import RULES as MEANINGS
from tests.golden import FIRST, SECOND, Street
from tests.oracle.clauses import CLAUSES
from tests.services.detection.counted import COUNTED
from tests.services.detection.expected import expected_findings
from tests.services.detection.upstream import day_closed
from tests.services.detection.worker import Plain, Worker, in_batches, key_in_tokens, latest_closed

STREETS = pytest.mark.parametrize(
    ("street", "beside"), [pytest.param(FIRST, COUNTED, id="first"), pytest.param(SECOND, [], id="second")]
)
"""Each street, and what was counted in it beside its own file."""


def _as_expected(found: Plain, like: dict[str, Any]) -> dict[str, Any]:
    rule, key, severity, params = found
    full: dict[str, Any] = {"rule": rule, "severity": severity, **dict(key)}
    for name, text in params:
        full[name] = int(text) if text.lstrip("-").isdigit() else text
    return {name: full.get(name) for name in like}


def assert_as_counted(found: list[Plain], street: Street, beside: list[Plain]) -> None:
    """Each finding of the street's file is found once, and otherwise only what was counted beside it."""
    left = list(found)
    for one in street.expected["findings"]:
        like = {name: str(value) if isinstance(value, list) else value for name, value in one.items()}
        like = key_in_tokens(like)
        same = [finding for finding in left if _as_expected(finding, like) == like]
        assert len(same) == 1, (one, [finding for finding in left if finding[0] == one["rule"]])
        left.remove(same[0])
    assert left == beside


@STREETS
@pytest.mark.parametrize("seed", [None, 1, 2])
async def test_findings_are_those_counted_by_hand(
    database: str, street: Street, beside: list[Plain], seed: int | None
) -> None:
    raws = [*street.facts, day_closed(street.expected["closed"])]
    largest = 5000
    chance = random.Random(seed)
    if seed is not None:
        raws += chance.sample(raws, k=len(raws) // 3)
        chance.shuffle(raws)
        largest = 60
    worker = await Worker.open(database)
    try:
        for batch in in_batches(raws, chance, largest):
            await worker.ingest(batch)
            if seed is not None and chance.random() < 0.3:
                await worker.step(chance.randint(1, 40))
        await worker.settle()
        found = await worker.open_findings()
        assert_as_counted(found, street, beside)
        assert found == expected_findings(raws, latest_closed(raws))
        announced = await worker.announced()
        assert sum(last["verb"] != "withdrawn" for last in announced.values()) == len(found)
        undated = {last["rule"] for last in announced.values() if "holds_since" not in last}
        assert undated <= {"integrity-conflicting-content", "integrity-number-used-twice"}
    finally:
        await worker.close()


@STREETS
def test_the_oracles_count_as_was_counted_by_hand(street: Street, beside: list[Plain]) -> None:
    closed = street.expected["closed"]
    found = expected_findings([*street.facts, day_closed(closed)], date.fromisoformat(closed))
    assert_as_counted(found, street, beside)


def test_every_rule_beyond_the_first_six_is_found_twice_at_least() -> None:
    found = [one["rule"] for one in SECOND.expected["findings"]]
    beyond = {meaning.name for meaning in MEANINGS} - CLAUSES.keys()
    assert beyond < BY_NAME.keys()
    assert [rule for rule in sorted(beyond) if found.count(rule) < 2] == []
