"""What a command asks the database of the current deployment."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from deploy.deployment import current, run
from services.platform.database import open_pool

Result = TypeVar("Result")


def ask_database(ask: Callable[[asyncpg.Pool], Awaitable[Result]], *, size: int = 1) -> Result:
    """Run what asks the current deployment's database, with a pool of at most ``size`` connections."""

    async def work() -> Result:
        pool = await open_pool(current().settings.database_url, size=size)
        try:
            return await ask(pool)
        finally:
            await pool.close()

    return run(work())
