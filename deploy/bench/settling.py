"""When is a consumer done? When its offsets are at the end of the log and its queues are empty."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import asyncpg

from deploy.bench.ground import Ground
from deploy.local import StackError
from projections.schema import PIPELINE, POSITIONS
from services.platform.log import end_offsets
from services.platform.offsets import Place, positions
from services.platform.settings import Settings

_TICK = 0.05
_PATIENCE_SECONDS = 1800.0

_GENERATION = 1  # of detection, in a deployment that is new


async def consumed(
    ground: Ground, name: str, connection: asyncpg.Connection, pipeline: str, ends: Mapping[Place, int]
) -> float:
    """Return the moment (monotonic clock) at which a pipeline's offsets were first seen at the end.

    Raises StackError if its process ends by itself, or half an hour passes.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        held = await positions(connection, pipeline, POSITIONS if pipeline == PIPELINE else _GENERATION)
        if all(held.get(place, 0) >= end for place, end in ends.items()):
            return time.monotonic()
        ground.check(name)
        if time.monotonic() > deadline:
            raise StackError(f"{name} has not read the log after {_PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(_TICK)


async def settled(
    ground: Ground, name: str, settings: Settings, contexts: Sequence[str], connection: asyncpg.Connection
) -> float:
    """Return the moment at which detection was done: the first of two samples in a row with nothing left."""
    await consumed(ground, name, connection, "detection", await end_offsets(settings, contexts))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    first: float | None = None
    while True:
        empty = not await connection.fetchval(
            "select exists (select from detection_g1.dirty) or exists (select from detection_g1.outbox)"
            " or exists (select from detection_g1.sweep where not done)"
        )
        if not empty:
            first = None
        elif first is None:
            first = time.monotonic()
        else:
            return first
        ground.check(name)
        if time.monotonic() > deadline:
            raise StackError(f"{name} has not settled after {_PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(_TICK)
