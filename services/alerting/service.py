"""Alerting as a process: takes announcements, decides who is told, delivers."""

import asyncio

from services.alerting.deciding import Decider
from services.alerting.delivering import Deliverer
from services.alerting.forgetting import keep_forgetting
from services.alerting.handler import Taking
from services.alerting.settings import AlertingSettings
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.fault import Fault
from services.platform.keys import Keys
from services.platform.monitor import attended
from services.platform.pipeline import Pipeline
from services.platform.running import until_one_ends
from services.platform.settings import Settings


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Tell people until ``stop``. Raises what stops a pipeline, and KeyFileError without a master key.

    Whoever is being told at that moment is told to the end, so that nobody hears it twice.
    """
    keys, own, fault = Keys.from_settings(settings), AlertingSettings(), Fault(settings.fault)
    pool = await open_pool(settings.database_url, size=4, lively=True)
    deliverer = Deliverer(pool, keys, own, fault=fault)
    decider = Decider(pool, pages=own.pages.rstrip("/"), fault=fault, made=deliverer.wake)
    pipeline = Pipeline(settings, pool, Taking(decider.wake))
    try:
        with attended("delivery", deliverer.ready):
            await until_one_ends(
                stop,
                lambda ended: (
                    run_aiokafka(pipeline, ended),
                    decider.run(ended),
                    deliverer.run(ended),
                    keep_forgetting(pool, own.keep_months, ended),
                ),
            )
    finally:
        await pool.close()
