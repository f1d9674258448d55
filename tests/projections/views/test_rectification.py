"""Given these problems, what became of them, by area and period (R46-R49)."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

FENG, SONG = "500102008201", "500102008202"


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "rectification", ViewFilter(**asked))).rows


async def test_what_became_of_the_problems_of_a_village(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.problem("WT1", "2021-07-01", amount_fen=50000, due_on="2021-08-01"),
        s.rectified("WT1", "2021-07-11", measure="recovered", amount_fen=46000),
        s.rechecked("WT1", "2021-10-12"),
        s.problem("WT2", "2021-07-01"),
        s.rectified("WT2", "2021-07-06"),
        s.problem("WT3", "2021-07-01", due_on="2021-08-01"),
        s.rectified("WT3", "2021-07-20"),
        s.rechecked("WT3", "2021-08-20", "rebounded"),
        s.problem("WT4", "2021-07-02", due_on="2021-12-31", earlier_problem_no="WT2"),
        s.problem("WT5", "2021-07-02"),
        s.rechecked("WT5", "2021-08-20", "not_rectified"),
    )
    assert await rows(pool, until=date(2021, 11, 30)) == [
        {
            "area": FENG,
            "found_count": 5,
            "rectified_count": 2,
            "rate": Decimal("40.0"),
            "holds_count": 1,
            "not_rectified_count": 1,
            "rebounded_count": 2,
            "open_count": 3,
            "overdue_count": 1,
            "days_mean": Decimal("7.5"),
            "days_longest": 10,
            "amount_fen": 50000,
            "recovered_fen": 46000,
        }
    ]
    (in_july,) = await rows(pool, until=date(2021, 7, 31))
    assert (in_july["rectified_count"], in_july["overdue_count"]) == (3, 0)


async def test_the_period_is_that_of_finding_and_a_void_and_a_day_cut(pool: asyncpg.Pool) -> None:
    second = s.problem("WT2", "2021-08-01", division=SONG)
    log = await stated(pool, s.problem("WT1", "2021-07-31"), second)
    await log.close_day("2021-12-01")
    await log.state(s.voided(second, problem_no="WT2"), s.rectified("WT1", "2021-08-02"))
    await read(pool, log)

    async def found(**asked: Any) -> list[tuple[str, int, int]]:
        return [
            (row["area"], row["found_count"], row["rectified_count"]) for row in await rows(pool, **asked)
        ]

    assert await found() == [(FENG, 1, 1)]
    assert await found(as_of=date(2021, 12, 1)) == [(FENG, 1, 0), (SONG, 1, 0)]
    assert await found(as_of=date(2021, 12, 1), by="street") == [("500102008", 2, 0)]
    assert await found(as_of=date(2021, 12, 1), month="2021-08") == [(SONG, 1, 0)]
    assert await found(month="2021-07") == [(FENG, 1, 0)], "rectified only after the month"
    assert await found(since=date(2021, 7, 31)) == [(FENG, 1, 1)]
