"""A log read into the projection as the pipeline does it: rows and offsets together."""

from typing import Any

import asyncpg

from projections.schema import PIPELINE, POSITIONS
from services.platform.offsets import set_position
from services.projector.handler import Projector
from tests.handing import hand
from tests.projections.log import Log


async def read(pool: asyncpg.Pool, log: Log, upto: int | None = None) -> None:
    """Read a log from its beginning, up to so many records."""
    records = log.records[:upto]
    offsets = {(record.topic, record.partition): record.offset + 1 for record in records}
    async with pool.acquire() as connection, connection.transaction():
        await hand(Projector(), connection, records)
        await set_position(connection, PIPELINE, POSITIONS, offsets)


async def stated(pool: asyncpg.Pool, *raws: dict[str, Any]) -> Log:
    """Read a log on which upstream states these, and return it."""
    log = Log()
    await log.state(*raws)
    await read(pool, log)
    return log
