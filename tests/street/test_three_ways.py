"""The golden streets, counted by hand, come out exactly by HTTP, by file and by Kafka, in any order."""

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
from tests.golden import FIRST, SECOND, Street
from tests.street.whole import Whole, whole


def shuffled(street: Street, chance: random.Random) -> list[bytes]:
    """The facts in random order, a third of them twice."""
    lines = [*street.lines, *chance.sample(street.lines, k=len(street.lines) // 3)]
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


async def by_http(running: Whole, street: Street, chance: random.Random) -> None:
    lines = shuffled(street, chance)
    for part in in_parts(lines, chance):
        await running.upstream.events(part)
    _assert_told(running, street, len(lines))


async def by_file(running: Whole, street: Street, chance: random.Random) -> None:
    lines = shuffled(street, chance)
    for number, part in enumerate(in_parts(lines, chance)):
        await running.upstream.ndjson_files(f"part-{number}.ndjson", part)
    _assert_told(running, street, len(lines))


async def by_kafka(running: Whole, street: Street, chance: random.Random) -> None:
    lines = shuffled(street, chance)
    sent = 0
    for part in in_parts(lines, chance):
        sent += await running.upstream.kafka(part)
    assert sent == len(lines)


def _assert_told(running: Whole, street: Street, lines: int) -> None:
    told = running.upstream.delivered
    assert told.rejects == []
    assert told.lines == lines
    # Set aside are versions of one id (both where they come in one batch, else the later one), and what was
    # undone before it came.
    distinct = len({(fact["source"], fact["id"]) for fact in street.facts})
    assert distinct - told.set_aside <= told.accepted <= distinct
    assert told.set_aside >= 1 or len(set(street.lines)) == distinct


def _like(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    whole = {**found["params"], **found["key"], "rule": found["rule"], "severity": found["severity"]}
    return {name: whole.get(name) for name in wanted}


async def _assert_as_counted(running: Whole, street: Street) -> None:
    left = list((await queries.anomalies(running.pool, AnomalyFilter(state="open"))).rows)
    for counted in street.expected["findings"]:
        # Tokens depend on this deployment's key: whom a finding names is what test_golden sees.
        wanted = {name: value for name, value in counted.items() if name not in ("person", "account")}
        same = [found for found in left if _like(found, wanted) == wanted]
        assert len(same) == 1, counted
        left.remove(same[0])
    by_hand = {counted["rule"] for counted in street.expected["findings"]}
    assert not [found for found in left if found["rule"] in by_hand]  # of other rules test_golden names them


async def _assert_form(running: Whole, form: dict[str, Any]) -> None:
    until = date.fromisoformat(form["until"])
    for as_of in (None, until):
        filled = await queries.annex2(running.pool, until, as_of, form["programme"])
        for cell, wanted in form["cells"].items():
            codes = (f"{cell}h", f"{cell}p") if isinstance(wanted, list) else (cell,)
            assert [filled.total[code] for code in codes] == (
                wanted if isinstance(wanted, list) else [wanted]
            ), cell
        assert all(check.holds is not False for check in filled.checks if check.check.kind == "eq")


@pytest.mark.parametrize("street", [pytest.param(FIRST, id="first"), pytest.param(SECOND, id="second")])
@pytest.mark.parametrize("way", [by_http, by_file, by_kafka])
async def test_the_street_comes_out_as_counted(
    stack: Stack, database: str, tmp_path: Path, way: Any, street: Street
) -> None:
    seed = secrets.randbelow(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with whole(stack, database, tmp_path) as running:
        await way(running, street, chance)
        await running.settle()
        await running.close_day(street.expected["closed"])
        await running.settle()
        await _assert_as_counted(running, street)
        if form := street.expected.get("annex2"):
            await _assert_form(running, form)
