"""The pipeline keeps its promises with TLS and SCRAM as well, on both transports."""

import uuid
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest

from services.platform.aiokafka_transport import run_aiokafka
from services.platform.faust_transport import run_faust
from services.platform.settings import Settings
from tests.services.platform.pipeline.contract import PipelinePromises, Run
from tests.services.platform.pipeline.facts import create, ledger_pool
from tests.services.platform.secured.broker import OPERATOR, Secured


@pytest.fixture
async def settings(secured: Secured, database: str) -> Settings:
    """Settings of an own set of topics and an own database."""
    prefix = f"t{uuid.uuid4().hex[:10]}"
    settings = secured.settings(OPERATOR, database_url=database, topic_prefix=prefix, fault="")
    await create(settings)
    return settings


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Any]:
    """A pool on the test's database, with the tables of offsets and effects."""
    async with ledger_pool(settings) as opened:
        yield opened


class TestFaust(PipelinePromises):
    transport = "faust"
    run: ClassVar[Run] = staticmethod(run_faust)


class TestAiokafka(PipelinePromises):
    transport = "aiokafka"
    run: ClassVar[Run] = staticmethod(run_aiokafka)
