"""An empty projection of a test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from services.platform.database import open_pool
from services.projector.generation import ensure


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on a database whose projection is there and empty."""
    pool = await open_pool(database, size=4)
    try:
        async with pool.acquire() as connection:
            await ensure(connection)
        yield pool
    finally:
        await pool.close()


@pytest.fixture
def runner(database: str) -> Iterator[tuple[asyncio.Runner, asyncpg.Pool]]:
    """One loop and one pool for all examples of a property."""
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database, size=2))
        runner.run(_prepare(pool))
        yield runner, pool
        runner.run(pool.close())


async def _prepare(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await ensure(connection)
