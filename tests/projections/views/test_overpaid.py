"""Given these deaths and what was paid after them, how much is to come back and how much has (R33)."""

from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.log import Log
from tests.projections.reading import read, stated

FENG, SONG = "500102008201", "500102008202"


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "overpaid", ViewFilter(**asked))).rows


def overpaid(log: Log, person: dict[str, Any], month: str, fen: int, **data: Any) -> dict[str, Any]:
    """What detection says of a month of a payment after a death, in the household H1 unless told."""
    serial = next(s.SERIALS)
    household_no = data.get("household_no", "H1")
    finding: dict[str, Any] = {
        "anomaly_id": f"00000000-0000-5000-8000-{serial:012d}",
        "rule": "paid-after-death",
        "rule_version": 1,
        "revision": 1,
        "subject": f"household:{household_no}",
        "severity": "high",
        "key": {
            "household_no": household_no,
            "programme": "rural_dibao",
            "month": month,
            "person": log.identity.person_token(person["id_number"]),
        },
        "params": {"overpaid_fen": fen},
        "evidence": [],
        "evidence_count": 0,
        "policy": {},
        "household_no": household_no,
    }
    return s.state("anomalies.raised", "2021-12-01", finding | data)


async def test_two_dead_of_one_household_and_one_of_another(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.enrolled(s.WANG, s.LI, division=FENG),
        s.enrolled(s.ZHAO, household_no="H2", division=FENG),
        s.died(s.WANG, "2021-03-10"),
        s.died(s.LI, "2021-03-20"),
        s.died(s.ZHAO, "2021-03-20"),
        s.exited(s.WANG, stop_month="2021-05", exit_kind="death", decided_on="2021-04-20"),
        s.recovered(30000, "2021-06-01"),
        s.recovered(99999, "2021-06-01", household_no="H2"),
    )
    await log.state(
        overpaid(log, s.WANG, "2021-04", 20000),
        overpaid(log, s.LI, "2021-04", 20000),
        overpaid(log, s.LI, "2021-05", 20000),
        overpaid(log, s.ZHAO, "2021-04", 50000, household_no="H2"),
        overpaid(log, s.ZHAO, "2021-03", 50000, household_no="H2", severity="info"),
    )
    await read(pool, log)
    assert await rows(pool) == [
        {
            "area": FENG,
            "death_count": 3,
            "going_on_count": 2,
            "paid_count": 3,
            "month_count": 4,
            "overpaid_fen": 110000,
            "recovered_fen": 80000,
            "owed_fen": 30000,
            "recovered_rate": Decimal("72.7"),
            "unsettled_count": 1,
            "days_mean": Decimal("41.0"),
            "days_longest": 41,
        }
    ]


async def test_period_void_and_as_of(pool: asyncpg.Pool) -> None:
    second = s.died(s.LI, "2021-04-10")
    log = await stated(
        pool,
        s.enrolled(s.WANG, division=FENG),
        s.enrolled(s.LI, household_no="H2", division=SONG),
        s.died(s.WANG, "2021-03-10"),
        second,
    )
    await log.close_day("2021-06-01")
    await log.state(s.voided(second, person=s.LI))
    await read(pool, log)

    async def died(**asked: Any) -> list[tuple[str, int, Any]]:
        return [(row["area"], row["death_count"], row["recovered_rate"]) for row in await rows(pool, **asked)]

    assert await died() == [(FENG, 1, None)], "of no money there is no rate"
    assert await died(as_of=date(2021, 6, 1)) == [(FENG, 1, None), (SONG, 1, None)]
    assert await died(as_of=date(2021, 6, 1), month="2021-04") == [(SONG, 1, None)]
    assert await died(as_of=date(2021, 6, 1), quarter="2021Q2", by="street") == [("500102008", 1, None)]
    assert await died(until=date(2021, 3, 9)) == []
