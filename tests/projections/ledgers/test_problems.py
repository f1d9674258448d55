"""Given these problems, rectifications and rechecks, these rows of the ledger of problems."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "problems", LedgerFilter(**asked))).rows


async def test_a_problem_its_rectification_and_its_recheck_are_one_row(pool: asyncpg.Pool) -> None:
    problem = s.problem(
        "WT1",
        "2021-07-26",
        campaign_no="ZX1",
        household_no="H1",
        official_no="GZ0021",
        amount_fen=46300,
        due_on="2021-08-31",
        earlier_problem_no="WT0",
    )
    log = await stated(
        pool,
        problem,
        s.rectified("WT1", "2021-08-20", measure="recovered", amount_fen=46000),
        s.rechecked("WT1", "2021-10-12"),
    )
    (row,) = await rows(pool)
    found, rectification, recheck = (record.event.event_id for record in log.records)
    assert row == {
        "problem_no": "WT1",
        "found_on": date(2021, 7, 26),
        "found_by": "社保所",
        "task_class": "payments",
        "stage": "distribution",
        "household_no": "H1",
        "official_no": "GZ0021",
        "amount_fen": 46300,
        "due_on": date(2021, 8, 31),
        "rectified_on": date(2021, 8, 20),
        "measure": "recovered",
        "recovered_fen": 46000,
        "confirmed_by": "GZ0001",
        "rechecked_on": date(2021, 10, 12),
        "result": "holds",
        "status": "holds",
        "earlier_problem_no": "WT0",
        "campaign_no": "ZX1",
        "twice": False,
        "village": "500102008201",
        "event_id": found,
        "rectified_by": rectification,
        "rechecked_by": recheck,
    }


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([], "open"),
        ([s.rectified("WT1", "2021-08-20")], "rectified"),
        ([s.rechecked("WT1", "2021-08-20", "not_rectified")], "not_rectified"),
        *(
            ([s.rectified("WT1", "2021-08-20"), s.rechecked("WT1", "2021-10-12", result)], result)
            for result in ("holds", "not_rectified", "rebounded")
        ),
        # of one day, the recheck is the later
        ([s.rectified("WT1", "2021-08-20"), s.rechecked("WT1", "2021-08-20", "rebounded")], "rebounded"),
        # put right again after a recheck that failed
        ([s.rechecked("WT1", "2021-08-20", "rebounded"), s.rectified("WT1", "2021-08-21")], "rectified"),
        # the latest of several rechecks
        ([s.rechecked("WT1", "2021-10-12"), s.rechecked("WT1", "2021-11-12", "rebounded")], "rebounded"),
    ],
)
async def test_what_became_of_a_problem(pool: asyncpg.Pool, steps: list[dict[str, Any]], status: str) -> None:
    await stated(pool, *steps[::-1], s.problem("WT1", "2021-07-26"))
    assert [row["status"] for row in await rows(pool)] == [status]


async def test_the_latest_rectification_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.rectified("WT1", "2021-09-01", measure="stopped")
    await stated(pool, late, s.rectified("WT1", "2021-08-20"), s.problem("WT1", "2021-07-26"))
    assert [(row["rectified_on"], row["measure"]) for row in await rows(pool)] == [
        (date(2021, 9, 1), "stopped")
    ]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    first, second = s.problem("WT1", "2021-07-26"), s.problem("WT1", "2021-07-27", "policy")
    log = await stated(pool, second, first)
    assert [(row["task_class"], row["twice"]) for row in await rows(pool)] == [("policy", True)]
    await log.state(s.voided(second, problem_no="WT1"))
    await read(pool, log)
    assert [(row["task_class"], row["twice"]) for row in await rows(pool)] == [("payments", False)]


async def test_a_void_undoes_a_recheck_a_rectification_and_a_problem(pool: asyncpg.Pool) -> None:
    facts = s.problem("WT1", "2021-07-26"), s.rectified("WT1", "2021-08-20"), s.rechecked("WT1", "2021-10-12")
    log = await stated(pool, *facts)
    for fact, left in zip(facts[::-1], (["rectified"], ["open"], []), strict=True):
        await log.state(s.voided(fact, problem_no="WT1"))
        await read(pool, log)
        assert [row["status"] for row in await rows(pool)] == left


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.problem("WT1", "2021-07-26"), s.rectified("WT1", "2021-08-20"))
    await log.close_day("2021-12-01")
    await log.state(s.rechecked("WT1", "2021-10-12"))
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2021, 7, 25)) == []
    assert await statuses(until=date(2021, 8, 19)) == ["open"]
    assert await statuses(until=date(2021, 10, 11)) == ["rectified"]
    assert await statuses(until=date(2021, 10, 12)) == ["holds"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["rectified"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG, division="500102008202"),
        s.problem("WT2", "2021-07-31", household_no="H1", division=None),
        s.problem("WT1", "2021-08-01"),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["problem_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["WT2", "WT1"], "by day, then number"
    assert await numbers(village="500102008201") == ["WT1"], "the village that it states"
    assert await numbers(village="500102008202") == ["WT2"], "the village of the household's enrolment"
    assert await numbers(month="2021-07") == ["WT2"]
    assert await numbers(household_no="H1") == ["WT2"]
