"""The projector as a process."""

import asyncio
import logging

from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.pipeline import Pipeline, Tuning
from services.platform.running import pause
from services.platform.settings import Settings
from services.projector.generation import OtherCodeError, ensure
from services.projector.handler import Projector

_LOG = logging.getLogger(__name__)
_REBUILT_SECONDS = 1.0
_TUNING = Tuning(max_records=5000)
"""Of a backlog: a batch is some thirty statements, however many facts it has."""


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Keep the projection until ``stop``. Raises GenerationError, or what stops a pipeline.

    A generation that other code made is left alone until a rebuild has put the next in its place.
    """
    pool = await open_pool(settings.database_url, size=2, lively=True)
    told = False
    try:
        while not stop.is_set():
            try:
                async with pool.acquire() as connection:
                    await ensure(connection)
                told = False
                await run_aiokafka(Pipeline(settings, pool, Projector(), _TUNING), stop)
            except OtherCodeError as error:
                if not told:
                    _LOG.warning("The projector waits: %s", error)
                    told = True
                await pause(_REBUILT_SECONDS, stop)
    finally:
        await pool.close()
