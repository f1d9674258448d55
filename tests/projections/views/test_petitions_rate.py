"""Given these petitions and recipients, how many come from where, and how many are settled at once."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

FENG, SONG = "500102008201", "500102008202"


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "petitions_rate", ViewFilter(**asked))).rows


async def test_petitions_are_counted_against_those_who_receive(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG, s.LI, division=FENG),
        s.enrolled(s.ZHAO, household_no="H2", division=SONG),
        s.filed("F1", "2021-03-01"),
        s.filed("F2", "2021-05-01"),
        s.filed("F3", "2021-05-02", "request", petitioner=s.LI),
        s.closed("F1", "2021-03-20", "settled"),
        s.closed("F3", "2021-05-20", "settled"),
    )
    feng, song = await rows(pool, until=date(2021, 6, 30))
    assert feng == {
        "area": FENG,
        "petition_count": 3,
        "complaint_count": 2,
        "request_count": 1,
        "repeat_count": 1,
        "recipient_count": 2,
        "per_thousand": Decimal("1500.0"),
        "first_count": 2,
        "settled_count": 1,
        "settled_rate": Decimal("50.0"),
        "pending_count": 1,
        "hot": True,
        "reason": "每千人1500.0件，达到界限10件；其中重复1件",
    }
    assert (song["petition_count"], song["per_thousand"], song["settled_rate"]) == (0, Decimal("0.0"), None)
    assert (song["hot"], song["reason"]) == (False, None)


@pytest.mark.parametrize(
    ("outcome", "again", "settled"),
    [
        ("settled", None, 1),
        ("not_settled", None, 0),
        ("withdrawn", None, 0),
        (None, None, 0),
        ("settled", "2021-07-19", 0),  # the 180th day after it was closed
        ("settled", "2021-07-20", 1),  # too late to be the same
        ("settled", "2021-01-15", 0),  # before it was closed
    ],
)
async def test_what_is_settled_at_the_first_time(
    pool: asyncpg.Pool, outcome: str | None, again: str | None, settled: int
) -> None:
    facts = [s.filed("F1", "2021-01-04")]
    if outcome is not None:
        facts.append(s.closed("F1", "2021-01-20", outcome))
    if again is not None:
        facts.append(s.filed("F2", again))
    await stated(pool, *facts)
    (row,) = await rows(pool)
    assert (row["first_count"], row["settled_count"]) == (1, settled)


async def test_policy_sets_the_days_and_the_limit_from_a_day_on(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG),
        s.filed("F1", "2021-01-04"),
        s.closed("F1", "2021-01-20", "settled"),
        s.filed("F2", "2021-03-20"),
        s.adopted("petitions.first_time_days", 30, "2021-04-01"),
        s.adopted("petitions.hot_rate", 5000, "2021-04-01"),
    )
    (before,) = await rows(pool, until=date(2021, 3, 31))
    assert (before["settled_count"], before["hot"]) == (0, True)
    (after,) = await rows(pool, until=date(2021, 4, 1))
    assert (after["settled_count"], after["hot"]) == (1, False)


async def test_the_period_void_and_as_of(pool: asyncpg.Pool) -> None:
    second = s.filed("F2", "2021-05-01", division=SONG)
    log = await stated(pool, s.filed("F1", "2021-03-01"), second)
    await log.close_day("2021-06-01")
    await log.state(s.voided(second, petition_no="F2", petitioner=s.WANG))
    await read(pool, log)

    async def counted(**asked: Any) -> list[tuple[str, int, int]]:
        return [
            (row["area"], row["petition_count"], row["repeat_count"]) for row in await rows(pool, **asked)
        ]

    assert await counted() == [(FENG, 1, 0)]
    assert await counted(as_of=date(2021, 6, 1)) == [(FENG, 1, 0), (SONG, 1, 1)]
    assert await counted(as_of=date(2021, 6, 1), quarter="2021Q2") == [(SONG, 1, 1)]
    assert await counted(as_of=date(2021, 6, 1), by="street") == [("500102008", 2, 1)]
    assert await counted(month="2021-03") == [(FENG, 1, 0)]
