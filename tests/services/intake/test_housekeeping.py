"""What a crash leaves open is closed, and what is old is deleted, by a clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from services.intake.context import Intake
from services.intake.housekeeping import close_open, delete_old, keep_house
from services.intake.receipts import Remark, Tally, open_receipt, read_receipt
from tests.services.intake.conftest import OpenIntake

SOURCE = "/bank/psbc/500102"


async def left_open(intake: Intake, *, days: float = 0) -> UUID:
    """A receipt as a crash leaves it, so many days old."""
    tally = Tally()
    tally.received_at = datetime.now(UTC) - timedelta(days=days)
    await open_receipt(intake.pool, tally, SOURCE, intake.context, "a.csv")
    return tally.id


async def status_of(intake: Intake, receipt: UUID) -> str | None:
    """What a receipt says of itself."""
    found = await read_receipt(intake.pool, receipt)
    return found.status if found is not None else None


async def test_a_receipt_that_a_crash_left_open_is_closed_when_the_process_begins(
    open_context: OpenIntake,
) -> None:
    intake, other = await open_context("payments"), await open_context("vitals")
    crashed, of_other = await left_open(intake), await left_open(other)
    stop = asyncio.Event()
    keeping = asyncio.ensure_future(keep_house([intake], stop))
    async with asyncio.timeout(20):
        while await status_of(intake, crashed) != "incomplete":
            await asyncio.sleep(0.02)
    begun = await left_open(intake)
    assert await status_of(other, of_other) == "open"

    # Another process of the same context begins: what this one has open is not its business.
    connection = await asyncpg.connect(intake.settings.database_url)
    await close_open(connection, "payments", datetime.now(UTC))
    await connection.close()
    assert await status_of(intake, begun) == "open"
    stop.set()
    await keeping


async def test_old_receipts_are_deleted_with_all_that_they_say(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    old, young = await left_open(intake, days=400), await left_open(intake, days=300)
    tally = Tally()
    tally.id = old
    tally.reject([Remark(row=2, column="金额", code="amount-positive", reason="…", expected="…")])
    await tally.write(intake.pool, "complete")
    async with intake.pool.acquire() as connection:
        await delete_old(connection, 0)
        assert await status_of(intake, old) == "complete"
        await delete_old(connection, 12)
    assert [await status_of(intake, each) for each in (old, young)] == [None, "open"]
    assert await intake.pool.fetchval("SELECT count(*) FROM intake.remark") == 0
