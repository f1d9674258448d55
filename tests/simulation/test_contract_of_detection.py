"""What detection does to PostgreSQL's rows it does to the model's: one history, step by step on both."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.detection.tables import TABLES
from tests.services.detection.history import SCENES, history
from tests.services.detection.upstream import Raw
from tests.services.detection.worker import Worker
from tests.simulation.choices import Choices
from tests.simulation.postgres import connect
from tests.simulation.world import World, inside, seams

_UNTOLD = ("raised_at", "revised_at", "created_at", "applied_at", "id")
"""Times, and numbers that are given in an order that the statements leave open."""
_SETS = ("digests", "voids", "targets", "subjects", "receipts")
KEPT = [table.name for table in TABLES if table.name != "code"]

Rows = dict[str, list[str]]


def _shown(row: Any) -> str:
    """A row without its times, and with its sets in order. Announcements state a time, too."""
    shown = {name: row[name] for name in sorted(row.keys()) if name not in _UNTOLD}
    for name in _SETS:
        shown[name] = sorted(map(str, shown.get(name) or ()))
    if "headers" in shown:
        shown["value"] = json.loads(shown["value"])  # what was jsonb has its names in another order
        shown["headers"] = [one for one in shown["headers"] if one[0] != "ce_time"]
    return json.dumps(shown, sort_keys=True, default=str)


async def story(worker: Worker, batches: list[list[Raw]], look: Callable[[], Awaitable[Rows]]) -> list[Rows]:
    """Take batches in, do a little in between, and all in the end; what the tables had each time."""
    seen = []
    for number, batch in enumerate(batches):
        await worker.ingest(batch)
        if number % 2:
            await worker.step()
        seen.append(await look())
    await worker.settle()
    return [*seen, await look()]


FEW = ("payments", "kin")


@pytest.mark.parametrize(
    "scene", [pytest.param(one, marks=() if one in FEW else pytest.mark.slow) for one in SCENES]
)
async def test_a_history_leaves_the_same_rows(database: str, scene: str) -> None:
    chance = random.Random(scene)
    batches = history(chance.randrange(1000), 30, scene).batches
    real = await Worker.open(database)

    async def of_server() -> Rows:
        return {
            name: sorted(_shown(row) for row in await real.connection.fetch(f'select * from "{name}"'))
            for name in KEPT
        }

    try:
        expected = await story(real, batches, of_server)
    finally:
        await real.close()
    world = World(Choices(replay=()), Choices(replay=()), {})
    world.postgres.put("platform.generation", ("detection",), {"name": "detection", "live": 1})

    async def of_model() -> Rows:
        return {name: sorted(map(_shown, world.postgres.rows(name))) for name in KEPT}

    async def on_model() -> list[Rows]:
        return await story(Worker(await connect(world.postgres)), batches, of_model)

    with seams(), inside(world):
        found = world.loop.run(on_model())
    for step, (one, other) in enumerate(zip(found, expected, strict=True)):
        for name in KEPT:
            assert one[name] == other[name], f"{name} after step {step}"
    assert expected[-1]["finding"], "something was found"
