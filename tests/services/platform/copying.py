"""A process that is in the middle of a COPY, frozen or not, and holds a lock."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import psutil

_COPIES = """
import asyncio, os, signal, sys
from services.platform.database import open_pool

url, how, locked = sys.argv[1:]

async def rows():
    for place in range(1_000_000):
        yield (place, "x" * 600_000)  # more than the driver keeps before it sends
        if how == "freezes":
            os.kill(os.getpid(), signal.SIGSTOP)
        await asyncio.sleep(0.1)

async def main():
    pool = await open_pool(url, lively=True)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {locked} IN EXCLUSIVE MODE")
        await connection.execute("CREATE TEMPORARY TABLE copied (place int, body text)")
        await connection.copy_records_to_table("copied", records=rows())

asyncio.run(main())
"""


@asynccontextmanager
async def copying(database: str, how: str, locked: str) -> AsyncIterator[None]:
    """A process that has locked a table and copies rows elsewhere; ``how``: ``freezes`` or ``gets on``."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _COPIES, database, how, locked)
    try:
        async with asyncio.timeout(30):
            if how == "freezes":
                while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
                    await asyncio.sleep(0.02)
            else:
                await _begun(database)
        yield
    finally:
        process.kill()
        await process.wait()


async def _begun(database: str) -> None:
    connection = await asyncpg.connect(database)
    asked = "SELECT count(*) FROM pg_stat_progress_copy WHERE bytes_processed > 0"
    while not await connection.fetchval(asked):
        await asyncio.sleep(0.05)
    await connection.close()
