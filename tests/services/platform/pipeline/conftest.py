"""Topics and a database of one test."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local import Stack
from services.platform.settings import Settings
from tests.services.platform.pipeline.facts import create, ledger_pool


@pytest.fixture
async def settings(stack: Stack, database: str) -> Settings:
    """Settings of an own set of topics and an own database."""
    settings = Settings(
        kafka=stack.kafka, database_url=database, topic_prefix=f"t{uuid.uuid4().hex[:10]}", fault=""
    )
    await create(settings)
    return settings


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Any]:
    """A pool on the test's database, with the tables of offsets and effects."""
    async with ledger_pool(settings) as opened:
        yield opened
