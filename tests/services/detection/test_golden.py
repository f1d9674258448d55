"""The golden street, counted by hand, comes out exactly: any order, any batches, with repeats."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.clauses import CLAUSES
from tests.oracle.scan import findings
from tests.services.detection.counted import COUNTED
from tests.services.detection.upstream import Raw, day_closed, digest_of
from tests.services.detection.worker import Plain, Worker, in_batches, in_tokens, latest_closed

GOLDEN = Path(__file__).parents[2] / "golden"
FACTS: list[Raw] = [
    json.loads(line) for line in (GOLDEN / "facts.ndjson").read_text(encoding="utf-8").splitlines()
]
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


def _as_expected(found: Plain, like: dict[str, Any]) -> dict[str, Any]:
    rule, key, severity, params = found
    full: dict[str, Any] = {"rule": rule, "severity": severity, **dict(key)}
    for name, text in params:
        full[name] = int(text) if text.lstrip("-").isdigit() else text
    return {name: full.get(name) for name in like}


def assert_as_counted(found: list[Plain]) -> None:
    left = [finding for finding in found if finding[0] in CLAUSES]
    for one in EXPECTED["findings"]:
        like = {name: str(value) if isinstance(value, list) else value for name, value in one.items()}
        same = [finding for finding in left if _as_expected(finding, like) == like]
        assert len(same) == 1, one
        left.remove(same[0])
    assert left == []


@pytest.mark.parametrize("seed", [None, 1, 2])
async def test_findings_are_those_counted_by_hand(database: str, seed: int | None) -> None:
    raws = [*FACTS, day_closed(EXPECTED["closed"])]
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
        assert_as_counted(found)
        oracle = findings(raws, latest_closed(raws), digest_of=digest_of)
        assert [one for one in found if one[0] in CLAUSES] == sorted(in_tokens(finding) for finding in oracle)
        assert [one for one in found if one[0] not in CLAUSES] == COUNTED
        announced = await worker.announced()
        assert sum(last["verb"] != "withdrawn" for last in announced.values()) == len(found)
    finally:
        await worker.close()
