"""What a crash left behind is put in order, and what nobody needs any more is deleted, by a clock.

The rules: a receipt with all that it says is deleted after ``receipt_months``; that a record was rejected is
known for ``KEPT_WEEKS``. What is remembered of facts (``intake.seen``) is never deleted: without it a repeat
of years ago would be called accepted, and a conflict would not be noticed. It grows by some 150 bytes a fact.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from services.intake.context import Intake
from services.intake.inquiries import forget_refusals
from services.intake.newer import hold_types
from services.platform.database import connect
from services.platform.failure import is_infrastructure

_LOG = logging.getLogger(__name__)
_EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 10.0
_AT_A_TIME = 200
_LOCK = "intake.housekeeping"

# A process that serves a context holds its lock together with others that do. Who gets it alone is the only
# one: whatever was open before it began was left so.
_ALONE = "SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))"
_TOGETHER = "SELECT pg_advisory_lock_shared(hashtext($1), hashtext($2))"
_LET_GO = "SELECT pg_advisory_unlock(hashtext($1), hashtext($2))"
_CLOSE = """
UPDATE intake.receipt SET status = 'incomplete'
WHERE status = 'open' AND context = $1 AND received_at < $2
"""
_DELETE = """
DELETE FROM intake.receipt WHERE id IN (
  SELECT id FROM intake.receipt WHERE received_at < now() - make_interval(months => $1)
  ORDER BY received_at LIMIT $2)
"""


async def keep_house(intakes: Sequence[Intake], stop: asyncio.Event) -> None:
    """Close what a crash left open, at once and then from time to time, and delete what is old."""
    began = datetime.now(UTC)
    while not stop.is_set():
        try:
            connection = await connect(intakes[0].settings.database_url, timeout=10)
            try:
                await _keep(connection, intakes, began, stop)
            finally:
                await connection.close(timeout=5)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            _LOG.warning("housekeeping waits: %s", type(error).__name__)
            await _sleep(_PAUSE_SECONDS, stop)


async def _keep(
    connection: asyncpg.Connection, intakes: Sequence[Intake], began: datetime, stop: asyncio.Event
) -> None:
    await hold_types(connection, [intake.context for intake in intakes])
    for intake in intakes:
        await close_open(connection, intake.context, began)
    while not stop.is_set():
        await delete_old(connection, intakes[0].settings.receipt_months)
        await _sleep(_EVERY_SECONDS, stop)


async def close_open(connection: asyncpg.Connection, context: str, began: datetime) -> None:
    """Say of receipts of before a moment that they are incomplete, unless another process serves the context.

    The connection stands for this process from then on: others see by it that it serves the context.
    """
    alone = await connection.fetchval(_ALONE, _LOCK, context)
    await connection.execute(_TOGETHER, _LOCK, context)
    if alone:
        try:
            answer: str = await connection.execute(_CLOSE, context, began)
        finally:
            await connection.execute(_LET_GO, _LOCK, context)
        if answer != "UPDATE 0":
            _LOG.warning("%s receipts of %s were left open by a crash", answer.split()[1], context)


async def delete_old(connection: asyncpg.Connection, receipt_months: int) -> None:
    """Delete receipts after some months (0: never), and rejected records after their weeks."""
    await forget_refusals(connection)
    some, deleted = f"DELETE {_AT_A_TIME}", ""
    while receipt_months and deleted in ("", some):
        deleted = await connection.execute(_DELETE, receipt_months, _AT_A_TIME)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
