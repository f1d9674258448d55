"""An empty projection of a test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from deploy.local import Stack
from services.platform.database import connected, open_pool
from services.projector.generation import ensure
from tests.conftest import made_database, made_once


@pytest.fixture(scope="session")
def projected(stack: Stack) -> str:
    """The name of a database whose projection is there and empty: others are copied from it."""

    async def prepare(database: str) -> None:
        async with connected(database) as connection:
            await ensure(connection)

    return made_once(stack, prepare)


@pytest.fixture
async def pool(stack: Stack, projected: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on a database whose projection is there and empty."""
    async with made_database(stack, projected) as database, await open_pool(database) as pool:
        yield pool


@pytest.fixture
def runner(stack: Stack, projected: str) -> Iterator[tuple[asyncio.Runner, asyncpg.Pool]]:
    """One loop and one pool for all examples of a property."""
    with asyncio.Runner() as runner:
        made = made_database(stack, projected)
        pool = runner.run(open_pool(runner.run(made.__aenter__()), size=2))
        yield runner, pool
        runner.run(pool.close())
        runner.run(made.__aexit__(None, None, None))
