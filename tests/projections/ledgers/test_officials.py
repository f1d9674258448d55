"""Given these appointments and leavings, these rows of the ledger of officials."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "officials", LedgerFilter(**asked))).rows


async def test_an_appointment_and_its_end_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.appointed(division="500102008201"), s.left_post("2021-11-30"))
    (row,) = await rows(pool)
    assert row == {
        "appointment_no": "RM1",
        "official_no": "GZ0021",
        "person": log.identity.person_token(s.ZHAO["id_number"]),
        "body": "枫香村村民委员会",
        "post": "村委会委员",
        "kind": "village_committee",
        "group_role": "member",
        "appointed_on": date(2020, 5, 6),
        "document": "荔枝委〔2020〕19号",
        "left_on": date(2021, 11, 30),
        "cause": "resigned",
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
        "left_by": log.records[1].event.event_id,
    }


async def test_what_was_last_said_of_leaving_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.left_post("2021-12-01", cause="dismissed")
    log = await stated(pool, late, s.left_post("2021-11-30"), s.appointed())
    assert [(row["left_on"], row["cause"]) for row in await rows(pool)] == [(date(2021, 12, 1), "dismissed")]
    await log.state(s.voided(late, official_no="GZ0021", appointment_no="RM1"))
    await read(pool, log)
    assert [(row["left_on"], row["cause"]) for row in await rows(pool)] == [(date(2021, 11, 30), "resigned")]


async def test_who_left_a_post_that_nobody_took_up_is_not_there(pool: asyncpg.Pool) -> None:
    await stated(pool, s.left_post("2021-11-30"))
    assert await rows(pool) == []


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.appointed(appointed_on="2020-06-06", post="村委会主任")
    await stated(pool, second, s.appointed())
    assert [(row["post"], row["twice"]) for row in await rows(pool)] == [("村委会主任", True)]


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    await stated(pool, s.appointed(), s.left_post("2021-11-30"))
    assert await rows(pool, until=date(2020, 5, 5)) == []
    assert [row["cause"] for row in await rows(pool, until=date(2021, 11, 29))] == [None]
    assert [row["cause"] for row in await rows(pool, until=date(2021, 11, 30))] == ["resigned"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(pool, s.appointed("RM2", "2021-01-01", division="500102008202"), s.appointed())
    assert [row["appointment_no"] for row in await rows(pool)] == ["RM1", "RM2"]
    assert [row["appointment_no"] for row in await rows(pool, month="2020-05")] == ["RM1"]
    assert [row["appointment_no"] for row in await rows(pool, village="500102008202")] == ["RM2"]
