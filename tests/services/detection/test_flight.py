"""What is being written when a fact arrives that concerns it does not miss that fact."""

from __future__ import annotations

import asyncio

import pytest

from services.detection.ingest import Ingest
from tests.handing import hand
from tests.services.detection.upstream import Raw, adopted, day_closed, died, enrolled, paid, record_of
from tests.services.detection.worker import Worker

ON_ITS_WAY = [enrolled("H", "甲", "乙"), paid("H", "2021-03", "乙", 40000)]
CASES = {
    "a death": (died("甲", "2021-01-20"), "paid-after-death", 1),
    "a policy": (adopted("large_payment.multiple", 3, "2021-01-01"), "large-payment", 0),
}


async def findings(worker: Worker, rule: str) -> int:
    return sum(found == rule for found, *_ in await worker.open_findings())


@pytest.mark.parametrize("case", CASES)
async def test_who_was_taking_facts_in_is_waited_for(database: str, case: str) -> None:
    """The household is evaluated before the other fact is there, and is there only after that was done."""
    late, rule, expected = CASES[case]
    slow, quick = await Worker.open(database), await Worker.open(database)
    try:
        await quick.ingest([day_closed("2021-02-01")])
        await quick.settle()
        transaction = slow.connection.transaction()
        await transaction.start()
        await hand(Ingest(1, slow.evaluator), slow.connection, [record_of(raw) for raw in ON_ITS_WAY])
        await quick.ingest([late])
        settling = asyncio.ensure_future(quick.settle())
        await _waits(slow, quick, settling)
        await transaction.commit()
        await settling
        assert await findings(quick, rule) == expected
    finally:
        await slow.close()
        await quick.close()


async def _waits(slow: Worker, quick: Worker, settling: asyncio.Future[None]) -> None:
    """Return when the quick one waits for a lock, and no sooner; one that does not wait fails."""
    pid = quick.connection.get_server_pid()
    asked = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"
    async with asyncio.timeout(20):
        while not await slow.connection.fetchval(asked, pid):
            assert not settling.done(), "nobody waited"
            await asyncio.sleep(0.01)


async def test_more_than_there_are_places_wait_for_one_another(database: str) -> None:
    workers = [await Worker.open(database) for _ in range(18)]
    try:
        facts: list[list[Raw]] = [[enrolled(f"H{at}", "甲")] for at in range(18)]
        async with asyncio.timeout(60):
            await asyncio.gather(*(one.ingest(raws) for one, raws in zip(workers, facts, strict=True)))
        assert await workers[0].connection.fetchval("select count(*) from event") == 18
    finally:
        for worker in workers:
            await worker.close()
