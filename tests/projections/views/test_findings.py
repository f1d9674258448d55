"""Given these announcements, where anomalies are, and how many are of a period."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

FENG, SONG = "500102008201", "500102008202"


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "findings", ViewFilter(**asked))).rows


def announced(verb: str, day: str, number: int, revision: int = 1, **data: Any) -> dict[str, Any]:
    """What detection says of a large payment to the household H1."""
    finding: dict[str, Any] = {
        "anomaly_id": f"00000000-0000-5000-8000-{number:012d}",
        "rule": "large-payment",
        "rule_version": 1,
        "revision": revision,
        "subject": "household:H1",
        "severity": "medium",
        "key": {"household_no": "H1", "month": "2021-02"},
        "params": {"excess_fen": 10000, "paid_fen": 100000},
        "evidence": [],
        "evidence_count": 0,
        "policy": {},
        "household_no": "H1",
    }
    return s.state(f"anomalies.{verb}", day, finding | data)


def household() -> list[dict[str, Any]]:
    return [s.enrolled(s.WANG, division=FENG), s.enrolled(s.LI, household_no="H2", division=SONG)]


def since(day: str) -> dict[str, Any]:
    return {"holds_since": day}


async def test_the_anomalies_of_a_village_by_rule(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        *household(),
        announced("raised", "2026-11-02", 1, **since("2021-05-31")),
        announced(
            "raised", "2026-11-02", 2, **since("2021-06-10"), severity="high", params={"excess_fen": 2500}
        ),
        announced("raised", "2026-11-02", 3, **since("2021-06-10"), severity="low", params={}),
        announced("raised", "2026-11-02", 4, **since("2021-06-15")),
        announced("withdrawn", "2026-11-20", 4, 2, **since("2021-06-15")),
        announced("raised", "2026-11-02", 5, **since("2021-07-01")),
        announced(
            "raised",
            "2026-11-02",
            6,
            **since("2021-06-20"),
            household_no="H2",
            rule="unentitled",
            params={"paid_fen": 700},
        ),
    )
    feng, song = await rows(pool, month="2021-06")
    assert feng == {
        "area": FENG,
        "rule": "large-payment",
        "open_count": 3,
        "high_count": 1,
        "medium_count": 1,
        "low_count": 1,
        "info_count": 0,
        "raised_count": 3,
        "withdrawn_count": 1,
        "oldest_on": date(2021, 5, 31),
        "oldest_days": 30,
        "amount_fen": 12500,
    }
    assert (song["area"], song["rule"], song["amount_fen"], song["oldest_days"]) == (
        SONG,
        "unentitled",
        700,
        10,
    )


COUNTS = ("open_count", "high_count", "raised_count", "withdrawn_count")


async def test_a_period_is_one_of_business_and_as_of_says_what_was_known(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        *household(),
        announced("raised", "2021-06-20", 1, **since("2021-05-31")),
        announced("revised", "2021-07-02", 1, 2, severity="high", **since("2021-05-31")),
    )
    await log.close_day("2021-07-10")
    await log.state(announced("revised", "2021-07-12", 1, 3, severity="high", **since("2021-06-30")))
    await log.close_day("2021-07-20")
    await log.state(announced("withdrawn", "2021-07-22", 1, 4, **since("2021-06-30")))
    await read(pool, log)

    async def counted(**asked: Any) -> list[tuple[int, int, int, int]]:
        return [tuple(row[name] for name in COUNTS) for row in await rows(pool, **asked)]

    first, second = {"as_of": date(2021, 7, 10)}, {"as_of": date(2021, 7, 20)}
    assert await counted(until=date(2021, 5, 30), **first) == []
    assert await counted(month="2021-05", **first) == [(1, 1, 1, 0)], "announced in June, and so since May"
    assert await counted(month="2021-06", **first) == [(1, 1, 0, 0)], "still open, and of an earlier month"
    assert await counted(month="2021-05", **second) == [], "by what was known then it is so since June"
    assert await counted(month="2021-06", **second) == [(1, 1, 1, 0)]
    assert await counted(quarter="2021Q2") == [(0, 0, 1, 1)]
    assert await counted(quarter="2021Q3") == [], "over, and of an earlier quarter"


async def test_where_no_fact_says_a_day_it_is_the_one_on_which_it_was_raised(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        *household(),
        announced("raised", "2021-05-31", 1),
        announced("withdrawn", "2021-06-01", 1, 2),
        announced("raised", "2021-06-02", 1, 3),
        announced("revised", "2021-07-03", 1, 4, severity="high"),
    )
    (row,) = await rows(pool, month="2021-06")
    assert (row["oldest_on"], *(row[name] for name in COUNTS)) == (date(2021, 6, 2), 1, 1, 1, 0)
    assert await rows(pool, month="2021-05") == []


async def test_by_street_and_where_nobody_knows_the_village(pool: asyncpg.Pool) -> None:
    unknown = announced("raised", "2021-06-01", 3, household_no=None)
    await stated(
        pool,
        *household(),
        announced("raised", "2021-06-01", 1),
        announced("raised", "2021-06-01", 2, household_no="H2"),
        unknown,
    )
    assert [(row["area"], row["open_count"]) for row in await rows(pool, by="street")] == [
        ("500102008", 2),
        (None, 1),
    ]
    page = await queries.view(pool, "findings", ViewFilter(limit=2))
    rest = await queries.view(pool, "findings", ViewFilter(limit=2, after=page.next))
    assert [row["area"] for row in page.rows + rest.rows] == [FENG, SONG, None]
