"""Alerting as a process: takes announcements, decides who is told, delivers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from services.alerting.deciding import Decider
from services.alerting.delivering import Deliverer
from services.alerting.handler import Taking
from services.alerting.settings import AlertingSettings
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.fault import Fault
from services.platform.keys import Keys
from services.platform.monitor import attended
from services.platform.pipeline import Pipeline
from services.platform.running import first_to_end
from services.platform.settings import Settings


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Tell people until ``stop``. Raises what stops a pipeline, and KeyFileError without a master key.

    Whoever is being told at that moment is told to the end, so that nobody hears it twice.
    """
    keys, own, fault = Keys.from_settings(settings), AlertingSettings(), Fault(settings.fault)
    pool = await open_pool(settings.database_url, size=4, lively=True)
    ended = asyncio.Event()

    async def part(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            ended.set()
            decider.wake()
            deliverer.wake()

    deliverer = Deliverer(pool, keys, own, fault=fault)
    decider = Decider(pool, pages=own.pages.rstrip("/"), fault=fault, made=deliverer.wake)
    pipeline = Pipeline(settings, pool, Taking(decider.wake))
    try:
        with attended("delivery", deliverer.ready):
            async with asyncio.TaskGroup() as group:
                group.create_task(part(_until(stop, ended)))
                group.create_task(part(run_aiokafka(pipeline, ended)))
                group.create_task(part(decider.run(ended)))
                group.create_task(part(deliverer.run(ended)))
    finally:
        await pool.close()


async def _until(stop: asyncio.Event, ended: asyncio.Event) -> None:
    """Return at the first of both."""
    await first_to_end(stop.wait(), ended.wait())
