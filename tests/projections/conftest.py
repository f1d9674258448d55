"""An empty projection of a test's own."""

from collections.abc import AsyncIterator

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
