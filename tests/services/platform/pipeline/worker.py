"""A worker as a process of its own, for tests that kill it: ``python -m … worker TRANSPORT [PAUSE]``."""

import asyncio
import signal
import sys

from services.platform.aiokafka_transport import run_aiokafka
from services.platform.database import open_pool
from services.platform.faust_transport import run_faust
from services.platform.pipeline import Pipeline, Tuning
from services.platform.settings import Settings
from tests.services.platform.pipeline.facts import Ledger

TRANSPORTS = {"aiokafka": run_aiokafka, "faust": run_faust}
QUICK = Tuning(
    max_records=50,
    session_seconds=1.5,
    watch_seconds=1,
    commit_seconds=0.5,
    retry_seconds=60,
    metadata_seconds=1,
)


async def main(transport: str, pause: float) -> None:
    settings = Settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pool = await open_pool(settings.database_url, lively=True)
    await TRANSPORTS[transport](Pipeline(settings, pool, Ledger(pause=pause), QUICK), stop)
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
