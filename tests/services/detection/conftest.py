"""Detection's tables, made once and copied for each test."""

from collections.abc import AsyncIterator

import pytest

from deploy.local import Stack
from tests.conftest import made_database, made_once
from tests.services.detection.worker import Worker


@pytest.fixture(scope="session")
def with_tables(stack: Stack) -> str:
    """The name of a database with detection's tables, empty: others are copied from it."""

    async def prepare(database: str) -> None:
        await (await Worker.open(database)).close()

    return made_once(stack, prepare)


@pytest.fixture
async def prepared(stack: Stack, with_tables: str) -> AsyncIterator[str]:
    """The address of a database of this test's own in which a worker finds its tables there, and empty."""
    async with made_database(stack, with_tables) as address:
        yield address
