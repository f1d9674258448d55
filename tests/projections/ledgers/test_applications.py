"""Given these applications and their stages, these rows of their ledger."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "applications", LedgerFilter(**asked))).rows


APPLIED = s.applied()
GRANTED = s.enrolled(s.WANG, application_no="SQ1")
REFUSED = s.refused("2020-12-01", notified_on="2020-12-03")


async def test_an_application_and_its_stages_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        APPLIED,
        s.investigated("information_check", "2020-11-04"),
        s.investigated("household_visit", "2020-11-05"),
        s.investigated("neighbourhood", "2020-11-06"),
        s.investigated("democratic_review", "2020-11-07"),
        s.publicised("review", "2020-11-10"),
        GRANTED,
        s.publicised("decision", "2020-12-22"),
    )
    (row,) = await rows(pool)
    assert row == {
        "application_no": "SQ1",
        "applied_on": date(2020, 11, 3),
        "household_no": "H1",
        "programme": "rural_dibao",
        "applicant": log.identity.person_token(s.WANG["id_number"]),
        "person_count": 2,
        "channel": "window",
        "kin_of_official": False,
        "delegated": True,
        "information_check_on": date(2020, 11, 4),
        "household_visit_on": date(2020, 11, 5),
        "neighbourhood_on": date(2020, 11, 6),
        "democratic_review_on": date(2020, 11, 7),
        "review_posted_on": date(2020, 11, 10),
        "decided_on": date(2020, 12, 20),
        "decision_posted_on": date(2020, 12, 22),
        "refused_on": None,
        "ground": None,
        "notified_on": None,
        "status": "granted",
        "days_taken": 47,
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
        "decided_by": log.records[6].event.event_id,
    }


async def test_a_refusal_says_why_and_when_it_was_told(pool: asyncpg.Pool) -> None:
    log = await stated(pool, REFUSED, APPLIED)
    (row,) = await rows(pool)
    names = ("status", "decided_on", "refused_on", "ground", "notified_on", "days_taken", "decided_by")
    assert [row[name] for name in names] == [
        *("refused", None, date(2020, 12, 1), "property", date(2020, 12, 3), 28),
        log.records[0].event.event_id,
    ]


@pytest.mark.parametrize(
    ("raws", "status"),
    [
        ([APPLIED], "waiting"),
        ([APPLIED, s.investigated("household_visit", "2020-11-05")], "waiting"),
        # an enrolment that names no application grants none, not even of its household
        ([APPLIED, s.enrolled(s.WANG)], "waiting"),
        ([APPLIED, REFUSED, GRANTED], "granted"),
        ([APPLIED, GRANTED, s.refused("2020-12-21")], "refused"),
    ],
)
async def test_what_was_decided_last_counts(
    pool: asyncpg.Pool, raws: list[dict[str, Any]], status: str
) -> None:
    await stated(pool, *raws[::-1])
    assert [row["status"] for row in await rows(pool)] == [status]


async def test_the_last_of_each_stage_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    again = s.investigated("household_visit", "2020-11-25")
    await stated(pool, again, s.investigated("household_visit", "2020-11-05"), APPLIED)
    assert [row["household_visit_on"] for row in await rows(pool)] == [date(2020, 11, 25)]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.applied(applied_on="2020-11-04", person_count=3)
    log = await stated(pool, second, APPLIED)
    assert [(row["person_count"], row["twice"]) for row in await rows(pool)] == [(3, True)]
    await log.state(s.voided(second, **PLACE))
    await read(pool, log)
    assert [(row["person_count"], row["twice"]) for row in await rows(pool)] == [(2, False)]


PLACE = {"household_no": "H1", "programme": "rural_dibao"}


async def test_a_void_undoes_a_refusal_and_an_application(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.voided(REFUSED, **PLACE), REFUSED, APPLIED)
    assert [row["status"] for row in await rows(pool)] == ["waiting"]
    await log.state(s.voided(APPLIED, **PLACE))
    await read(pool, log)
    assert await rows(pool) == []


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, APPLIED)
    await log.close_day("2021-12-01")
    await log.state(GRANTED)
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2020, 11, 2)) == []
    assert await statuses(until=date(2020, 12, 19)) == ["waiting"]
    assert await statuses(until=date(2020, 12, 20)) == ["granted"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["waiting"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    other = s.applied(
        "SQ2", "2020-12-01", household_no="H2", division="500102008202", programme="urban_dibao"
    )
    await stated(pool, other, APPLIED)

    async def numbers(**asked: Any) -> list[str]:
        return [row["application_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["SQ1", "SQ2"]
    assert await numbers(village="500102008202") == ["SQ2"]
    assert await numbers(month="2020-11") == ["SQ1"]
    assert await numbers(household_no="H2") == ["SQ2"]
    assert await numbers(programme="rural_dibao") == ["SQ1"]
