"""One intake for the whole table."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local import Stack
from deploy.migrations.upgrade import upgrade_database
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.bad_input.desk import Desk, open_desk
from tests.conftest import made_database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """An intake of every context, on topics and in a database of its own."""
    folder: Path = tmp_path_factory.mktemp("bad_input")
    async with made_database(stack) as database:
        settings = Settings(
            kafka=stack.kafka,
            database_url=database,
            topic_prefix=f"b{uuid.uuid4().hex[:8]}",
            partitions=2,
            master_key_file=folder / "master.key",
        )
        Keys.create(settings.master_key_file)
        await upgrade_database(database)
        await create_topics(settings)
        pool = await open_pool(database, size=2)
        try:
            async with open_desk(settings, pool) as opened:
                yield opened
        finally:
            await pool.close()
