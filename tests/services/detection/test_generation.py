"""Detection's tables, as a worker finds them when it starts."""

import asyncio

import asyncpg

from services.detection import generation
from services.platform.database import prepare
from services.platform.tables import create_tables


async def test_a_worker_starts_beside_one_that_is_frozen_inside_its_transaction(database: str) -> None:
    """What is there already is not locked, so who starts neither waits nor is waited for."""
    frozen, starting = await asyncpg.connect(database), await asyncpg.connect(database)
    try:
        for connection in (frozen, starting):
            await prepare(connection)
        await create_tables(starting)
        await generation.create(starting, "detection_g1")
        await frozen.execute("set search_path to detection_g1")
        async with frozen.transaction():
            await frozen.execute("lock table dirty in row exclusive mode")  # as one who writes to it
            async with asyncio.timeout(5):
                await generation.create(starting, "detection_g1")
    finally:
        await frozen.close()
        await starting.close()
