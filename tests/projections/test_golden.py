"""The street counted by hand: every cell of Annex 2 comes out as it was written down."""

import json
import random
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from services.projector.handler import Projector
from services.reporting import queries
from tests.handing import hand
from tests.projections.log import Log

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_golden_street(pool: asyncpg.Pool, seed: int) -> None:
    facts = [json.loads(line) for line in (GOLDEN / "facts.ndjson").read_text("utf-8").splitlines()]
    expected = json.loads((GOLDEN / "expected.json").read_text("utf-8"))["annex2"]
    chance = random.Random(seed)
    chance.shuffle(facts)
    log = Log()
    await log.state(*facts)
    projector = Projector()
    records = list(log.records)
    chance.shuffle(records)
    while records:
        size = chance.choice([1, 7, 300])
        batch, records = records[:size], records[size:]
        async with pool.acquire() as connection, connection.transaction():
            await hand(projector, connection, batch)
            await hand(projector, connection, batch[: size // 2])

    table = await queries.annex2(
        pool, until=date.fromisoformat(expected["until"]), programme=expected["programme"]
    )

    cells = table.total
    for code, count in expected["cells"].items():
        if isinstance(count, list):
            assert [cells[code + "h"], cells[code + "p"]] == count, code
        else:
            assert cells[code] == count, code
    care = ("A3", "A4", "A4a", "A5", "A5a", "A6", "A7")
    assert {cells[code] for code in (*care, *(f"B{number}" for number in range(1, 9)))} == {0}, "no such fact"
    hard = [result for result in table.checks if result.check.kind in ("eq", "le")]
    assert all(result.holds is not False for result in hard)
