"""Given these deaths, exits and recoveries, these rows of the ledger of the dead."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.log import Log
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "deaths", LedgerFilter(**asked))).rows


def death(died_on: str = "2021-03-10", registered_on: str = "2021-03-12") -> dict[str, Any]:
    return s.with_data(s.died(s.WANG, died_on), registered_on=registered_on)


def exit_(stop_month: str = "2021-05", **data: Any) -> dict[str, Any]:
    return s.exited(s.WANG, stop_month=stop_month, exit_kind="death", decided_on="2021-04-20", **data)


def overpaid(log: Log, month: str, fen: int, severity: str = "high") -> dict[str, Any]:
    """What detection says of a month of a payment after the death of 王一."""
    serial = next(s.SERIALS)
    return s.state(
        "anomalies.raised",
        "2021-12-01",
        {
            "anomaly_id": f"00000000-0000-5000-8000-{serial:012d}",
            "rule": "paid-after-death",
            "rule_version": 1,
            "revision": 1,
            "subject": "household:H1",
            "severity": severity,
            "key": {
                "household_no": "H1",
                "programme": "rural_dibao",
                "month": month,
                "person": log.identity.person_token(s.WANG["id_number"]),
            },
            "params": {"overpaid_fen": fen},
            "evidence": [],
            "evidence_count": 0,
            "policy": {},
            "household_no": "H1",
        },
    )


async def test_a_death_an_exit_and_what_came_back_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.enrolled(s.WANG, s.LI),
        death(),
        exit_(),
        s.recovered(30000, "2021-06-01"),
        s.recovered(5000, "2021-07-01"),
        s.recovered(70000, "2021-07-01", cause="other"),
    )
    await log.state(overpaid(log, "2021-04", 45000), overpaid(log, "2021-03", 1000, severity="info"))
    await read(pool, log)
    (row,) = await rows(pool)
    assert row == {
        "registered_on": date(2021, 3, 12),
        "died_on": date(2021, 3, 10),
        "registry": "殡仪馆",
        "person": log.identity.person_token(s.WANG["id_number"]),
        "household_no": "H1",
        "programme": "rural_dibao",
        "stop_month": "2021-05",
        "stopped_on": date(2021, 4, 20),
        "days_taken": 39,
        "overpaid_months": 1,
        "overpaid_fen": 45000,
        "recovered_fen": 35000,
        "status": "stopped",
        "village": "500102008201",
        "event_id": log.records[1].event.event_id,
        "stopped_by": log.records[2].event.event_id,
    }


async def test_who_is_still_paid_has_not_been_stopped(pool: asyncpg.Pool) -> None:
    await stated(pool, s.enrolled(s.WANG), death())
    (row,) = await rows(pool)
    names = (
        "status",
        "stop_month",
        "stopped_on",
        "days_taken",
        "stopped_by",
        "overpaid_fen",
        "recovered_fen",
    )
    assert [row[name] for name in names] == ["going_on", None, None, None, None, 0, 0]


@pytest.mark.parametrize(
    ("stop_month", "there"),
    [("2021-03", False), ("2021-04", True)],
    ids=["gone in the month of the death", "there in it, gone in the next"],
)
async def test_who_had_left_before_the_month_of_the_death_is_not_there(
    pool: asyncpg.Pool, stop_month: str, there: bool
) -> None:
    await stated(pool, death(), exit_(stop_month), s.enrolled(s.WANG))
    assert [row["status"] for row in await rows(pool)] == ["stopped"] * there


async def test_each_household_and_programme_has_its_row(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG, household_no="H2"),
        s.enrolled(s.WANG, programme="urban_dibao"),
        s.enrolled(s.WANG),
        death(),
    )
    assert [(row["household_no"], row["programme"]) for row in await rows(pool)] == [
        ("H1", "rural_dibao"),
        ("H1", "urban_dibao"),
        ("H2", "rural_dibao"),
    ]


async def test_the_death_that_was_registered_last_counts(pool: asyncpg.Pool) -> None:
    later = death("2021-03-09", "2021-03-30")
    log = await stated(pool, later, death(), s.enrolled(s.WANG))
    assert [row["died_on"] for row in await rows(pool)] == [date(2021, 3, 9)]
    await log.state(s.voided(later, person=s.WANG))
    await read(pool, log)
    assert [row["died_on"] for row in await rows(pool)] == [date(2021, 3, 10)]


async def test_a_void_undoes_a_death_an_exit_and_a_recovery(pool: asyncpg.Pool) -> None:
    recovery, leaving, dying = s.recovered(30000, "2021-06-01"), exit_(), death()
    log = await stated(pool, s.enrolled(s.WANG), recovery, leaving, dying)
    place = {"household_no": "H1", "programme": "rural_dibao"}
    await log.state(s.voided(recovery, **place), s.voided(leaving, **place))
    await read(pool, log)
    assert [(row["status"], row["recovered_fen"]) for row in await rows(pool)] == [("going_on", 0)]
    await log.state(s.voided(dying, person=s.WANG))
    await read(pool, log)
    assert await rows(pool) == []


async def test_until_is_the_day_of_business(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.enrolled(s.WANG), death(), exit_(), s.recovered(30000, "2021-06-01"))
    await log.state(overpaid(log, "2021-03", 10000), overpaid(log, "2021-04", 45000))
    await read(pool, log)

    async def seen(until: date) -> list[tuple[Any, ...]]:
        names = ("status", "overpaid_months", "overpaid_fen", "recovered_fen")
        return [tuple(row[name] for name in names) for row in await rows(pool, until=until)]

    assert await seen(date(2021, 3, 9)) == []
    assert await seen(date(2021, 3, 10)) == [("going_on", 1, 10000, 0)]
    assert await seen(date(2021, 4, 20)) == [("stopped", 2, 55000, 0)]
    assert await seen(date(2021, 6, 1)) == [("stopped", 2, 55000, 30000)]


async def test_as_of_is_the_day_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.enrolled(s.WANG), death())
    await log.close_day("2021-12-01")
    await log.state(exit_(), s.recovered(30000, "2021-06-01"))
    await read(pool, log)
    asked: list[dict[str, Any]] = [{"as_of": date(2021, 12, 1)}, {}]
    seen = [[(row["status"], row["recovered_fen"]) for row in await rows(pool, **how)] for how in asked]
    assert seen == [[("going_on", 0)], [("stopped", 30000)]]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(pool, s.enrolled(s.WANG), death("2021-03-31", "2021-04-01"))
    for asked, found in [
        ({"month": "2021-04"}, 1),
        ({"month": "2021-03"}, 0),
        ({"village": "500102008201"}, 1),
        ({"village": "500102008202"}, 0),
        ({"household_no": "H1"}, 1),
        ({"programme": "tekun"}, 0),
    ]:
        assert len(await rows(pool, **asked)) == found, asked
