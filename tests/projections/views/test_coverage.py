"""Given these enrolments and checks, how far the review of all who receive has come (R10)."""

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
    return (await queries.view(pool, "coverage", ViewFilter(**asked))).rows


def three_households() -> list[dict[str, Any]]:
    """Two in one village, one in another."""
    return [
        s.enrolled(s.WANG, household_no="H1", division=FENG),
        s.enrolled(s.LI, household_no="H2", division=FENG),
        s.enrolled(s.ZHAO, household_no="H3", division=SONG),
    ]


async def test_who_receives_is_to_be_gone_over_once(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        *three_households(),
        s.gone_over("2021-07-05", "H1", conclusion="not_eligible"),
        s.gone_over("2021-07-06", "H1", conclusion="not_eligible"),
    )
    assert await rows(pool) == [
        {
            "area": FENG,
            "due_count": 2,
            "checked_count": 1,
            "unchecked_count": 1,
            "problem_count": 1,
            "coverage": Decimal("50.0"),
            "last_checked_on": date(2021, 7, 6),
        },
        {
            "area": SONG,
            "due_count": 1,
            "checked_count": 0,
            "unchecked_count": 1,
            "problem_count": 0,
            "coverage": Decimal("0.0"),
            "last_checked_on": None,
        },
    ]


async def test_by_street_and_of_one_village(pool: asyncpg.Pool) -> None:
    await stated(pool, *three_households(), s.gone_over("2021-07-05", "H3"))
    (street,) = await rows(pool, by="street")
    assert (street["area"], street["due_count"], street["coverage"]) == ("500102008", 3, Decimal("33.3"))
    (village,) = await rows(pool, village=SONG)
    assert (village["area"], village["coverage"]) == (SONG, Decimal("100.0"))


async def test_who_has_left_is_not_to_be_gone_over(pool: asyncpg.Pool) -> None:
    left = s.exited(stop_month="2021-02", household_no="H3")
    log = await stated(pool, *three_households(), left, s.gone_over("2021-07-05", "H3"))
    assert [row["area"] for row in await rows(pool)] == [FENG]
    await log.state(s.voided(left, household_no="H3"))
    await read(pool, log)
    assert [row["coverage"] for row in await rows(pool)] == [Decimal("0.0"), Decimal("100.0")]


async def test_a_check_counts_within_its_period_until_its_day_and_once_it_is_recorded(
    pool: asyncpg.Pool,
) -> None:
    log = await stated(pool, *three_households(), s.gone_over("2021-07-05", "H1"))
    await log.close_day("2021-12-01")
    await log.state(s.gone_over("2021-08-05", "H2"))
    await read(pool, log)

    async def checked(**asked: Any) -> int:
        return sum(row["checked_count"] for row in await rows(pool, **asked))

    assert await checked() == 2
    assert await checked(until=date(2021, 7, 4)) == 0
    assert await checked(month="2021-07") == 1
    assert await checked(month="2021-08") == 1
    assert await checked(quarter="2021Q3") == 2
    assert await checked(quarter="2021Q2") == 0
    assert await checked(since=date(2021, 8, 5)) == 1
    assert await checked(as_of=date(2021, 12, 1)) == 1


async def test_the_pages_go_on_to_a_village_that_nobody_knows(pool: asyncpg.Pool) -> None:
    known = await stated(pool, *three_households())
    assert known.records
    first = await queries.view(pool, "coverage", ViewFilter(limit=1))
    rest = await queries.view(pool, "coverage", ViewFilter(limit=1, after=first.next))
    assert [row["area"] for page in (first, rest) for row in page.rows] == [FENG, SONG]
    assert rest.next is None
