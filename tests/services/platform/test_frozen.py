"""A worker that is frozen in the middle of a COPY lets go of its locks; one that gets on keeps them."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.platform.database import open_pool
from services.platform.frozen import end_frozen
from tests.services.platform.copying import copying


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database, size=2, lively=True)
    await pool.execute("CREATE TABLE fact (place int PRIMARY KEY)")
    yield pool
    await pool.close()


async def test_a_frozen_one_is_ended(database: str, pool: asyncpg.Pool) -> None:
    async with copying(database, "freezes", locked="fact"):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await pool.execute("INSERT INTO fact VALUES (1)")
        assert await end_frozen(pool, seconds=1) == 1
        await pool.execute("INSERT INTO fact VALUES (1)")


async def test_one_that_gets_on_is_left_alone(database: str, pool: asyncpg.Pool) -> None:
    async with copying(database, "gets on", locked="fact"):
        assert await end_frozen(pool, seconds=3) == 0
        assert await pool.fetchval("SELECT count(*) FROM pg_stat_progress_copy") == 1


async def test_where_nobody_copies_nothing_is_waited_for(pool: asyncpg.Pool) -> None:
    async with asyncio.timeout(5):
        assert await end_frozen(pool, seconds=3600) == 0
