"""A prepared replay finds what live detection finds; drafts, days, windows and other code are tried on it."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.detection.backtest import SCHEMA, backtest
from services.detection.prepared import Prepared, prepare
from services.detection.reading import Stored, circumstances, views
from services.detection.trying import Trial
from services.platform.settings import Settings
from services.simulator import Settings as StreetSettings
from services.simulator import World
from tests.services.detection.upstream import Raw, day_closed, fact, paid, returned
from tests.services.detection.worker import Worker, in_batches

GOLDEN = Path(__file__).parents[2] / "golden"
FACTS: list[Raw] = [
    json.loads(line) for line in (GOLDEN / "facts.ndjson").read_text(encoding="utf-8").splitlines()
]


def golden(seed: int) -> list[Raw]:
    return [*FACTS, day_closed("2021-10-31")]


def street(seed: int) -> list[Raw]:
    world = World(StreetSettings(households=60, first="2021-01", last="2021-06", seed=seed))
    return [*(event for day in world.days() for event in day.facts), day_closed("2021-06-30")]


@pytest.mark.parametrize(("place", "bound"), [(golden, None), (street, None), (golden, 1), (street, 1)])
async def test_a_prepared_replay_finds_what_is_live(
    stack: Any, database: str, place: Any, bound: int | None
) -> None:
    """``bound`` 1: every account with two payments in a month is counted by PostgreSQL."""
    worker = await Worker.open(database)
    try:
        for batch in in_batches(place(7), random.Random(7), 2000):
            await worker.ingest(batch)
        await worker.settle()
        open_ones = await worker.connection.fetchval("select count(*) from finding where state = 'open'")
    finally:
        await worker.close()
    settings = Settings(kafka=stack.kafka, database_url=database)
    for processes in (1, 2):
        tried = await backtest(settings, [Trial(name="again")], processes=processes, bound=bound)
        (result,) = tried.results
        assert {one.outcome for one in result.differences} == {"same"}
        assert sum(one.count for one in result.differences) == open_ones > 40
