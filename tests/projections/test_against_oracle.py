"""Ledgers and Annex 2 equal an independent fold over what upstream stated, whatever the batches."""

import random
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from services.projector.handler import Projector
from services.reporting import queries
from services.simulator import Settings as Simulation
from services.simulator import write
from tests.handing import hand
from tests.oracle.facts import Raw, read_facts
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log

GOLDEN = Path(__file__).parents[1] / "golden" / "facts.ndjson"


async def project(pool: asyncpg.Pool, log: Log, chance: random.Random) -> None:
    """Hand the log over, each partition in its order, partitions interleaved and batches cut at random."""
    queues: dict[tuple[str, int], list[object]] = {}
    for record in log.records:
        queues.setdefault((record.topic, record.partition), []).append(record)
    projector = Projector()
    while queues:
        batch = []
        for place in chance.sample(sorted(queues), chance.randint(1, len(queues))):
            size = chance.choice([1, 40, 900])
            batch += queues[place][:size]
            queues[place] = queues[place][size:]
            if not queues[place]:
                del queues[place]
        async with pool.acquire() as connection, connection.transaction():
            await hand(projector, connection, batch)  # type: ignore[arg-type]


async def compare(pool: asyncpg.Pool, log: Log, raws: list[Raw], until: date | None) -> None:
    product, oracle = await by_product(pool, until), by_oracle(raws, until, log)
    for name in oracle:
        assert product[name] == oracle[name], (name, until)


@pytest.mark.parametrize("until", [None, date(2021, 6, 30), date(2021, 10, 31)])
async def test_golden_ledgers(pool: asyncpg.Pool, until: date | None) -> None:
    raws = read_facts(GOLDEN)
    log = Log()
    await log.state(*raws)
    await project(pool, log, random.Random(7))
    await compare(pool, log, raws, until)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_simulated_street(pool: asyncpg.Pool, tmp_path: Path, seed: int) -> None:
    simulation = Simulation(households=150, first="2019-07", last="2021-12", seed=seed)
    folder = write(tmp_path, simulation)
    raws = read_facts(folder / "facts.ndjson")
    assert len(raws) > 3000
    log = Log()
    await log.state(*raws, receipt="r-1")
    await project(pool, log, random.Random(seed))

    for until in (None, date(2020, 3, 31), date(2021, 9, 30)):
        await compare(pool, log, raws, until)
    await _four_way_sum(pool, raws)


async def _four_way_sum(pool: asyncpg.Pool, raws: list[Raw]) -> None:
    until = date(2021, 12, 31)
    table = await queries.annex2(pool, until, by="village")
    assert table.total["A1h"], "the street has exits"
    for unit in "hp":
        parts = [table.total[f"A1{kind}{unit}"] for kind in "abcd"]
        assert table.total[f"A1{unit}"] == sum(part or 0 for part in parts)
    hard = [result for result in table.checks if result.check.kind == "eq"]
    assert hard and all(result.holds for result in hard)
    assert len(table.rows) > 1
    for code, count in table.total.items():
        by_village = [cells[code] for _, cells in table.rows]
        if count is None:
            assert set(by_village) == {None}
            continue
        # A cell = what its rows add up to = the sum of its villages, unless a cadre is of two.
        villages = sum(part or 0 for part in by_village)
        assert count == villages if code not in ("B4", "B8") else count <= villages, code
        opened = (await queries.annex2_cell(pool, code, until)).rows
        assert (
            count == sum(row["counted"] for row in opened) == await queries.count_of_cell(pool, code, until)
        )
        assert all(row["event_id"] for row in opened)
