"""As of a closed day: what was recorded below its cut, for ever."""

from datetime import date

import asyncpg
import pytest

from services.reporting import queries
from tests.oracle import stating as s
from tests.projections.comparison import by_oracle, by_product
from tests.projections.log import Log
from tests.projections.reading import read


async def test_a_day_stays_as_it_was(pool: asyncpg.Pool) -> None:
    log = Log()
    payment, wrong = s.paid("2021-01"), s.paid("2021-02")
    before = [s.enrolled(s.WANG, s.LI), payment, wrong, s.filed("F1", "2021-01-05")]
    await log.state(*before)
    await log.close_day("2021-03-01")
    # Recorded later, about earlier: a void, a conflict, a late exit, a return, a repeated petition.
    after = [
        s.voided(wrong, household_no="H1"),
        payment | {"time": "2021-01-26T00:00:00+08:00"},
        s.exited(s.LI, stop_month="2021-02", exit_kind="favour"),
        s.returned(wrong, "2021-02-27"),
        s.filed("F2", "2021-01-09"),
    ]
    await log.state(*after)
    await log.close_day("2021-03-02")
    await read(pool, log)

    closed = date(2021, 3, 1)
    assert await by_product(pool, None, closed) == by_oracle(before, None, log)
    assert await by_product(pool, date(2021, 1, 31), closed) == by_oracle(before, date(2021, 1, 31), log)
    assert await by_product(pool, None, date(2021, 3, 2)) == by_oracle(before + after, None, log)
    assert await by_product(pool, None) == by_oracle(before + after, None, log)
    rows = (await queries.ledger(pool, "payments", queries.LedgerFilter())).rows
    assert sorted(row["status"] for row in rows) == ["set_aside", "set_aside", "voided"]


async def test_a_day_that_is_not_closed_is_refused(pool: asyncpg.Pool) -> None:
    log = Log()
    await log.state(s.paid("2021-01"))
    await read(pool, log)
    with pytest.raises(queries.DayNotClosedError, match="2021-03-01 is not closed"):
        await queries.ledger(pool, "payments", queries.LedgerFilter(as_of=date(2021, 3, 1)))
    with pytest.raises(queries.DayNotClosedError):
        await queries.annex2(pool, date(2021, 3, 1), as_of=date(2021, 3, 1))


async def test_a_day_that_is_not_read_up_to_is_refused(pool: asyncpg.Pool) -> None:
    log = Log()
    await log.state(s.paid("2021-01"), s.paid("2021-02"))
    await log.close_day("2021-03-01")
    log.records = [log.records[0], log.records[2], log.records[1]]
    await read(pool, log, upto=2)
    asked = queries.LedgerFilter(as_of=date(2021, 3, 1))
    with pytest.raises(queries.DayNotClosedError, match="1 records to read"):
        await queries.ledger(pool, "payments", asked)
    await read(pool, log)
    assert len((await queries.ledger(pool, "payments", asked)).rows) == 2


async def test_contested_closings_close_nothing(pool: asyncpg.Pool) -> None:
    log = Log()
    await log.close_day("2021-03-01")
    await log.state(s.paid("2021-01"))
    await log.close_day("2021-03-01")
    await read(pool, log)
    with pytest.raises(queries.DayNotClosedError):
        await queries.ledger(pool, "payments", queries.LedgerFilter(as_of=date(2021, 3, 1)))
