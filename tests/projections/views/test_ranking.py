"""Given these villages, who comes first, by a score that is the sum of its parts."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg

from projections.views import VIEWS
from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.examples import read_examples
from tests.projections.reading import read, stated

FENG, SONG, LIU = "500102008201", "500102008202", "500102008203"
PARTS = [column.name for column in VIEWS["ranking"].columns if column.name.endswith("_points")]


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "ranking", ViewFilter(**asked))).rows


def large_payment(severity: str, day: str = "2021-06-01") -> dict[str, Any]:
    serial = next(s.SERIALS)
    finding: dict[str, Any] = {
        "anomaly_id": f"00000000-0000-5000-8000-{serial:012d}",
        "rule": "large-payment",
        "rule_version": 1,
        "revision": 1,
        "subject": "household:H1",
        "severity": severity,
        "key": {"household_no": "H1"},
        "params": {"excess_fen": 10000},
        "evidence": [],
        "evidence_count": 0,
        "policy": {},
        "household_no": "H1",
    }
    return s.state("anomalies.raised", day, finding)


def villages() -> list[dict[str, Any]]:
    """Two households in one village, one in another; all were gone over but one of the first."""
    return [
        s.enrolled(s.WANG, division=FENG),
        s.enrolled(s.LI, household_no="H2", division=FENG),
        s.enrolled(s.ZHAO, household_no="H3", division=SONG),
        s.gone_over("2021-06-02", "H1"),
        s.gone_over("2021-06-02", "H3"),
    ]


async def test_the_parts_of_the_worst_village(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        *villages(),
        large_payment("high"),
        large_payment("medium"),
        large_payment("low"),
        s.filed("F1", "2021-06-03"),
        s.filed("F2", "2021-06-04"),
        s.problem("WT1", "2021-06-01", due_on="2021-06-10"),
        s.problem("WT2", "2021-06-01"),
        s.rectified("WT2", "2021-06-02"),
    )
    feng, song = await rows(pool, until=date(2021, 6, 30))
    assert feng == {
        "place": 1,
        "area": FENG,
        "score": Decimal("505.0"),
        "high_points": Decimal("150.0"),
        "medium_points": Decimal("50.0"),
        "low_points": Decimal("10.0"),
        "overdue_points": Decimal("25.0"),
        "coverage_points": Decimal("10.0"),
        "repeat_points": Decimal("250.0"),
        "rectification_points": Decimal("10.0"),
        "household_count": 2,
        "recipient_count": 2,
        "high_count": 1,
        "medium_count": 1,
        "low_count": 1,
        "overdue_count": 1,
        "coverage": Decimal("50.0"),
        "repeat_count": 1,
        "rectification_rate": Decimal("50.0"),
        "main_reason": "重复信访1件，250.0分",
    }
    assert (song["place"], song["area"], song["score"], song["main_reason"]) == (
        2,
        SONG,
        Decimal("0.0"),
        None,
    )


async def test_the_score_is_the_sum_of_the_parts_that_are_shown(pool: asyncpg.Pool) -> None:
    await read_examples(pool)
    for by in ("village", "street", "district"):
        found = await rows(pool, by=by)
        assert found
        assert [row["score"] for row in found] == [sum(row[part] for part in PARTS) for row in found]
        assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
        assert [row["place"] for row in found] == list(range(1, len(found) + 1))


async def test_a_village_where_nobody_receives_has_no_place(pool: asyncpg.Pool) -> None:
    await stated(pool, *villages(), s.problem("WT1", "2021-06-01", division=LIU))
    assert [row["area"] for row in await rows(pool)] == [FENG, SONG]
    assert [(row["place"], row["area"]) for row in await rows(pool, village=SONG)] == [(2, SONG)]


async def test_weights_void_and_as_of(pool: asyncpg.Pool) -> None:
    check = s.gone_over("2021-06-03", "H2")
    log = await stated(
        pool, *villages(), check, large_payment("high"), s.adopted("ranking.high_weight", 0.1, "2021-07-01")
    )
    await log.close_day("2021-07-02")
    await log.state(s.voided(check, screening_no=check["data"]["screening_no"], household_no="H2"))
    await read(pool, log)

    async def worst(**asked: Any) -> tuple[str, Decimal, Decimal]:
        row = (await rows(pool, **asked))[0]
        return row["area"], row["high_points"], row["coverage_points"]

    assert await worst(until=date(2021, 6, 30)) == (FENG, Decimal("150.0"), Decimal("10.0"))
    assert await worst(until=date(2021, 7, 1)) == (FENG, Decimal("5.0"), Decimal("10.0"))
    assert await worst(as_of=date(2021, 7, 2)) == (FENG, Decimal("5.0"), Decimal("0.0"))
    assert await worst(until=date(2021, 7, 1), since=date(2021, 6, 3)) == (
        FENG,
        Decimal("5.0"),
        Decimal("20.0"),
    )
