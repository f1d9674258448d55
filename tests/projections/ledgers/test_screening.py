"""Given these listings and their steps, these rows of the ledger of screenings."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "screening", LedgerFilter(**asked))).rows


async def test_a_listing_and_its_steps_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.screened("listed", "2021-06-25", household_no="H1"),
        s.screened("visited", "2021-07-01"),
        s.screened("assessed", "2021-07-02"),
        s.screened("concluded", "2021-07-12"),
    )
    (row,) = await rows(pool)
    assert row == {
        "screening_no": "MP1",
        "listed_on": date(2021, 6, 25),
        "category": "severe_illness",
        "list_name": "防返贫监测",
        "person": log.identity.person_token(s.WANG["id_number"]),
        "household_no": "H1",
        "visited_on": date(2021, 7, 1),
        "met": True,
        "assessed_on": date(2021, 7, 2),
        "labour": "none",
        "earning": "none",
        "relapse_risk": "high",
        "per_capita_income_fen": 38000,
        "income_change_fen": -52000,
        "expense_change_fen": 160000,
        "concluded_on": date(2021, 7, 12),
        "outcome": "rural_dibao",
        "application_no": "SQ1",
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
        "concluded_by": log.records[3].event.event_id,
    }


async def test_the_last_of_each_step_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.screened("concluded", "2021-08-12", outcome="watched", application_no=None)
    log = await stated(
        pool,
        late,
        s.screened("concluded", "2021-07-12"),
        s.screened("visited", "2021-07-05"),
        s.screened("visited", "2021-07-01", met=False),
        s.screened("listed", "2021-06-25"),
    )
    (row,) = await rows(pool)
    assert (row["visited_on"], row["met"]) == (date(2021, 7, 5), True)
    assert (row["outcome"], row["application_no"]) == ("watched", None), "nothing is left of the other one"
    await log.state(s.voided(late, screening_no="MP1"))
    await read(pool, log)
    assert [row["outcome"] for row in await rows(pool)] == ["rural_dibao"]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    await stated(
        pool, s.screened("listed", "2021-06-26", list_name="信访"), s.screened("listed", "2021-06-25")
    )
    assert [(row["list_name"], row["twice"]) for row in await rows(pool)] == [("信访", True)]


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, s.screened("listed", "2021-06-25"), s.screened("concluded", "2021-07-12"))
    assert await rows(pool, until=date(2021, 6, 24)) == []
    assert [row["outcome"] for row in await rows(pool, until=date(2021, 7, 11))] == [None]
    assert [row["outcome"] for row in await rows(pool, until=date(2021, 7, 12))] == ["rural_dibao"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    other = s.screened("listed", "2021-07-01", "MP2", household_no="H1", division="500102008202")
    await stated(pool, other, s.screened("listed", "2021-06-30"))
    for asked, numbers in [
        ({}, ["MP1", "MP2"]),
        ({"month": "2021-06"}, ["MP1"]),
        ({"village": "500102008202"}, ["MP2"]),
        ({"household_no": "H1"}, ["MP2"]),
    ]:
        assert [row["screening_no"] for row in await rows(pool, **asked)] == numbers, asked
