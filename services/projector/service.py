"""The projector as a process."""

import asyncio

from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.pipeline import Pipeline
from services.platform.settings import Settings
from services.projector.generation import ensure
from services.projector.handler import Projector


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Keep the projection until ``stop``. Raises GenerationError, or what stops a pipeline."""
    pool = await open_pool(settings.database_url, size=2, lively=True)
    try:
        async with pool.acquire() as connection:
            await ensure(connection)
        await run_aiokafka(Pipeline(settings, pool, Projector()), stop)
    finally:
        await pool.close()
