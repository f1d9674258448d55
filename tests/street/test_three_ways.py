"""The golden street, counted by hand, comes out exactly by HTTP, by file and by Kafka, in any order."""

import json
import random
import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.local import Stack
from services.reporting import queries
from services.reporting.queries import AnomalyFilter
from tests.street.whole import Whole, whole

GOLDEN = Path(__file__).parents[1] / "golden"
LINES = (GOLDEN / "facts.ndjson").read_bytes().splitlines()
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
DISTINCT = {(fact["source"], fact["id"]) for fact in map(json.loads, LINES)}


def shuffled(chance: random.Random) -> list[bytes]:
    """The facts in random order, a third of them twice."""
    lines = [*LINES, *chance.sample(LINES, k=len(LINES) // 3)]
    chance.shuffle(lines)
    return lines


def in_parts(lines: Sequence[bytes], chance: random.Random) -> list[Sequence[bytes]]:
    """Lines in parts of random size."""
    parts, at = [], 0
    while at < len(lines):
        size = chance.choice((1, 7, 50, 300))
        parts.append(lines[at : at + size])
        at += size
    return parts


async def by_http(street: Whole, lines: list[bytes], chance: random.Random) -> None:
    for part in in_parts(lines, chance):
        await street.upstream.events(part)
    _assert_told(street, len(lines))


async def by_file(street: Whole, lines: list[bytes], chance: random.Random) -> None:
    for number, part in enumerate(in_parts(lines, chance)):
        await street.upstream.ndjson_files(f"part-{number}.ndjson", part)
    _assert_told(street, len(lines))


async def by_kafka(street: Whole, lines: list[bytes], chance: random.Random) -> None:
    sent = 0
    for part in in_parts(lines, chance):
        sent += await street.upstream.kafka(part)
    assert sent == len(lines)


def _assert_told(street: Whole, lines: int) -> None:
    told = street.upstream.delivered
    assert told.rejects == []
    assert told.lines == lines
    # Set aside are versions of one id (both where they come in one batch, else the later one), and what was
    # undone before it came.
    assert len(DISTINCT) - told.set_aside <= told.accepted <= len(DISTINCT)
    assert told.set_aside >= 1


def _like(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    whole = {**found["params"], **found["key"], "rule": found["rule"], "severity": found["severity"]}
    return {name: whole.get(name) for name in wanted}


@pytest.mark.parametrize("way", [by_http, by_file, by_kafka])
async def test_the_street_comes_out_as_counted(stack: Stack, database: str, tmp_path: Path, way: Any) -> None:
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with whole(stack, database, tmp_path) as street:
        await way(street, shuffled(chance), chance)
        await street.settle()
        await street.close_day(EXPECTED["closed"])
        await street.settle()

        left = list((await queries.anomalies(street.pool, AnomalyFilter(state="open"))).rows)
        for wanted in EXPECTED["findings"]:
            same = [found for found in left if _like(found, wanted) == wanted]
            assert len(same) == 1, wanted
            left.remove(same[0])
        by_hand = {wanted["rule"] for wanted in EXPECTED["findings"]}
        assert not [
            found for found in left if found["rule"] in by_hand
        ]  # of other rules test_golden names them

        until = date.fromisoformat(EXPECTED["annex2"]["until"])
        for as_of in (None, until):
            filled = await queries.annex2(street.pool, until, as_of, EXPECTED["annex2"]["programme"])
            for cell, wanted in EXPECTED["annex2"]["cells"].items():
                codes = (f"{cell}h", f"{cell}p") if isinstance(wanted, list) else (cell,)
                assert [filled.total[code] for code in codes] == (
                    wanted if isinstance(wanted, list) else [wanted]
                ), cell
            assert all(check.holds is not False for check in filled.checks if check.check.kind == "eq")
