"""Given these grants, these rows of the ledger of temporary relief."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "relief", LedgerFilter(**asked))).rows


async def test_a_grant_is_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.relieved(
            "2021-05-17",
            relief_no="R1",
            household_no="H1",
            occasion_no="SY1",
            person_times=3,
            from_reserve=True,
        ),
    )
    (row,) = await rows(pool)
    assert row == {
        "relief_no": "R1",
        "granted_on": date(2021, 5, 17),
        "person": log.identity.person_token(s.WANG["id_number"]),
        "household_no": "H1",
        "cause": "epidemic",
        "occasion_no": "SY1",
        "person_times": 3,
        "amount_fen": 100000,
        "from_reserve": True,
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
    }


async def test_what_is_not_said_is_one_person_and_not_the_reserve(pool: asyncpg.Pool) -> None:
    await stated(pool, s.relieved("2021-05-17"))
    assert [(row["person_times"], row["from_reserve"]) for row in await rows(pool)] == [(1, False)]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.relieved("2021-05-18", "illness", relief_no="R1")
    log = await stated(pool, second, s.relieved("2021-05-17", relief_no="R1"))
    assert [(row["cause"], row["twice"]) for row in await rows(pool)] == [("illness", True)]
    await log.state(s.voided(second, division="500102008201", relief_no="R1", person=s.WANG))
    await read(pool, log)
    assert [(row["cause"], row["twice"]) for row in await rows(pool)] == [("epidemic", False)]


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, s.relieved("2021-05-17"))
    assert await rows(pool, until=date(2021, 5, 16)) == []
    assert len(await rows(pool, until=date(2021, 5, 17))) == 1


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.relieved("2021-06-01", relief_no="R2", household_no="H1", division="500102008202"),
        s.relieved("2021-05-31", relief_no="R1"),
    )
    for asked, numbers in [
        ({}, ["R1", "R2"]),
        ({"month": "2021-05"}, ["R1"]),
        ({"village": "500102008202"}, ["R2"]),
        ({"household_no": "H1"}, ["R2"]),
    ]:
        assert [row["relief_no"] for row in await rows(pool, **asked)] == numbers, asked
