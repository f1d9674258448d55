"""Given these steps of the money, how long it took and where it does not add up (R34-R36)."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "fund_chain", ViewFilter(**asked))).rows


async def test_the_batches_of_a_month(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.money("batch_submitted", "2021-06-25"),
        s.money("batch_settled", "2021-06-28"),
        s.money("batch_submitted", "2021-07-02", batch_no="PC2"),
        s.money("batch_settled", "2021-07-16", batch_no="PC2", paid_fen=3256100),
        s.money("batch_submitted", "2021-06-25", batch_no="PC3"),
    )
    assert await rows(pool, until=date(2021, 7, 31)) == [
        {
            "period": "2021-06",
            "fund_stage": "batch_submitted",
            "programme": "rural_dibao",
            "step_count": 3,
            "amount_fen": 9930000,
            "to_bank_mean": Decimal("12.3"),
            "to_bank_longest": 17,
            "to_bank_late_count": 1,
            "paid_mean": Decimal("22.0"),
            "paid_longest": 31,
            "paid_late_count": 1,
            "unsettled_count": 1,
            "unsettled_late_count": 1,
            "failed_count": 2,
            "failed_fen": 108000,
            "difference_count": 1,
            "difference_fen": -100,
        }
    ]
    (early,) = await rows(pool, until=date(2021, 7, 10))
    assert (early["unsettled_count"], early["unsettled_late_count"]) == (2, 0), "the bank has ten days"


async def test_every_stage_of_a_year_has_its_row(pool: asyncpg.Pool) -> None:
    raised = s.money("raised", "2021-01-10")
    log = await stated(
        pool, raised, s.money("allocated", "2021-02-10"), s.money("appropriated", "2021-06-20")
    )
    await log.close_day("2021-12-01")
    await log.state(s.voided(raised, fund_no="ZJ1"))
    await read(pool, log)

    async def stages(**asked: Any) -> list[tuple[str, str, Any]]:
        return [(row["period"], row["fund_stage"], row["paid_mean"]) for row in await rows(pool, **asked)]

    assert await stages() == [("2021", "allocated", None), ("2021-06", "appropriated", None)]
    assert await stages(as_of=date(2021, 12, 1)) == [
        ("2021", "allocated", None),
        ("2021", "raised", None),
        ("2021-06", "appropriated", None),
    ]
    assert await stages(until=date(2021, 6, 19)) == [("2021", "allocated", None)]
    assert await stages(month="2021-07") == [("2021", "allocated", None)], "a year reaches into its months"
    assert await stages(since=date(2022, 1, 1)) == []


async def test_limits_are_those_of_the_last_day_of_the_period(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.money("batch_submitted", "2021-06-25"),
        s.money("batch_settled", "2021-06-28"),
        s.adopted("funds.paid_days", 12, "2021-06-30"),
        s.adopted("funds.to_bank_days", 9, "2021-07-01"),
    )
    (row,) = await rows(pool)
    assert (row["paid_late_count"], row["to_bank_late_count"]) == (1, 0)


async def test_it_is_of_no_place(pool: asyncpg.Pool) -> None:
    with pytest.raises(queries.NotOfferedError, match="village: the view fund_chain has no such filter"):
        await rows(pool, village="500102008")
