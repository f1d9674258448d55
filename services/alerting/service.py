"""Alerting as a process: takes announcements, decides who is told, delivers."""

import asyncio

from services.alerting.deciding import Decider
from services.alerting.delivering import Deliverer
from services.alerting.handler import Taking
from services.alerting.settings import AlertingSettings
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.fault import Fault
from services.platform.keys import Keys
from services.platform.pipeline import Pipeline, Tuning
from services.platform.running import first_to_end
from services.platform.settings import Settings

_TUNING = Tuning(fetch_wait_ms=250)
"""Who is told, is told after seconds: nobody needs each announcement at once, and asking costs."""


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Tell people until ``stop``. Raises what stops a pipeline, and KeyFileError without a master key."""
    keys, own, fault = Keys.from_settings(settings), AlertingSettings(), Fault(settings.fault)
    pool = await open_pool(settings.database_url, size=4, lively=True)
    try:
        deliverer = Deliverer(pool, keys, own, fault=fault)
        decider = Decider(pool, pages=own.pages.rstrip("/"), fault=fault, made=deliverer.wake)
        await first_to_end(
            run_aiokafka(Pipeline(settings, pool, Taking(decider.wake), _TUNING), stop),
            decider.run(stop),
            deliverer.run(stop),
        )
    finally:
        await pool.close()
