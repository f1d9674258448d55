"""Ledgers equal a plain fold over what upstream stated, on any day and as of any day."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.filters import MOST_ROWS
from services.simulator import Settings as Simulation
from services.simulator import write
from tests.oracle.facts import Fact, Raw, live_facts, read_facts
from tests.oracle.registers import PERSONS, REGISTERS
from tests.projections.comparison import tokens
from tests.projections.log import Log
from tests.projections.reading import read

AS_OF = date(2031, 1, 1)
"""The name of the day that is closed in the middle of the log."""


def test_every_ledger_has_a_fold_of_its_own() -> None:
    assert REGISTERS.keys() | {"custody", "payments", "petitions", "recipients"} == LEDGERS.keys()


async def product(pool: asyncpg.Pool, name: str, until: date | None, as_of: date | None) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        asked = queries.LedgerFilter(until=until, as_of=as_of, after=after, limit=MOST_ROWS)
        page = await queries.ledger(pool, name, asked)
        found += page.rows
        after = page.next
        if after is None:
            return found


def oracle(
    fold: Callable[[list[Fact]], list[dict[str, Any]]], raws: list[Raw], until: date | None, log: Log
) -> list[dict[str, Any]]:
    person, _ = tokens(log)
    rows = fold(live_facts(raws, until=until, digest_of=log.digest))
    for row in rows:
        for column in PERSONS:
            if row.get(column) is not None:
                row[column] = person(row[column])
    return rows


def in_order(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return sorted(tuple(f"{name}={value}" for name, value in sorted(row.items())) for row in rows)


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
async def test_a_simulated_street(pool: asyncpg.Pool, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = write(tmp_path, Simulation(households=60, first="2020-06", last="2021-12", seed=seed))
    raws = read_facts(folder / "facts.ndjson")
    # In any order, a third of it late, and many numbers stated again under another id.
    again = [raw | {"id": f"again-{raw['id']}"} for raw in raws if _numbered(raw) and chance.random() < 0.15]
    raws += again
    chance.shuffle(raws)
    early = raws[: 2 * len(raws) // 3]
    log = Log()
    await log.state(*early)
    await log.close_day(AS_OF.isoformat())
    await log.state(*raws[len(early) :])
    await read(pool, log)

    days = [date(2020, 6, 1) + timedelta(days=chance.randrange(570)) for _ in range(3)]
    asked = [(None, None), (None, AS_OF), *((day, chance.choice([None, AS_OF])) for day in days)]
    for name, fold in REGISTERS.items():
        for until, as_of in asked:
            expected = oracle(fold, raws if as_of is None else early, until, log)
            columns = expected[0].keys() if expected else ()
            rows = await product(pool, name, until, as_of)
            shown = [{column: row[column] for column in columns} for row in rows]
            assert len(rows) == len(expected), (name, until, as_of)
            assert in_order(shown) == in_order(expected), (name, until, as_of)
        assert len(await product(pool, name, None, None)) > 0, f"the street has {name}"


def _numbered(raw: Raw) -> bool:
    """Whether it is of a context whose numbers are few, and of which a street has little."""
    context = raw["type"].split(".")[1]
    return context not in ("payments", "funds", "calendar", "identity") and ".voided" not in raw["type"]
