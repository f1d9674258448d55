"""Given these clues and what was done about them, these rows of the ledger of clues."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

RECEIVED = s.clue("XS1", "2021-07-13")
VERIFIED = s.verified("XS1", "2021-08-06")
TRANSFERRED = s.transferred("XS1", "2021-08-12", s.ZHAO)
TAKEN_OVER = s.taken_over("XS1", "2021-08-13")
OPENED = s.case_opened("XS1", "LA1", "2021-08-30")
ACCOUNTABLE = s.held_accountable("XS1", s.ZHAO, "2021-10-25")
EXEMPTED = s.exempted("XS1", s.LI, "2021-10-20")


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "clues", LedgerFilter(**asked))).rows


async def test_a_clue_and_all_its_steps_are_one_row(pool: asyncpg.Pool) -> None:
    clue = s.clue("XS1", "2021-07-13", household_no="H1", petition_no="XF1", named=True, informant=s.WANG)
    verified = s.with_data(VERIFIED, result="partly", informant_answered_on="2021-08-10")
    log = await stated(pool, clue, verified, TRANSFERRED, TAKEN_OVER, OPENED, ACCOUNTABLE, EXEMPTED)
    (row,) = await rows(pool)
    assert row == {
        "clue_no": "XS1",
        "received_on": date(2021, 7, 13),
        "track": "civil_affairs",
        "origin": "reported",
        "about": "favouritism",
        "named": True,
        "household_no": "H1",
        "petition_no": "XF1",
        "verified_on": date(2021, 8, 6),
        "result": "partly",
        "informant_answered_on": date(2021, 8, 10),
        "transferred_on": date(2021, 8, 12),
        "to_body": "街道纪工委",
        "taken_over_on": date(2021, 8, 13),
        "case_no": "LA1",
        "opened_on": date(2021, 8, 30),
        "decided_on": date(2021, 10, 25),
        "accountable": 1,
        "exempted": 1,
        "status": "decided",
        "twice": False,
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
    }


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([], "received"),
        ([VERIFIED], "verified"),
        ([VERIFIED, TRANSFERRED], "transferred"),
        ([TRANSFERRED, TAKEN_OVER], "taken_over"),
        ([OPENED], "case_opened"),
        ([ACCOUNTABLE], "decided"),
        ([EXEMPTED], "decided"),
        # the farthest, not the latest
        ([OPENED, s.verified("XS1", "2021-09-30", "partly")], "case_opened"),
    ],
)
async def test_how_far_a_clue_has_come(pool: asyncpg.Pool, steps: list[dict[str, Any]], status: str) -> None:
    await stated(pool, *steps[::-1], RECEIVED)
    assert [row["status"] for row in await rows(pool)] == [status]


async def test_steps_of_a_clue_that_nobody_received_are_no_row(pool: asyncpg.Pool) -> None:
    await stated(pool, VERIFIED, ACCOUNTABLE)
    assert await rows(pool) == []


async def test_people_are_counted_once_however_many_decisions_there_are(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.held_accountable("XS1", s.ZHAO, "2021-11-25"),
        ACCOUNTABLE,
        s.held_accountable("XS1", s.STRANGER, "2021-10-26"),
        EXEMPTED,
        s.exempted("XS1", s.LI, "2021-10-21"),
        RECEIVED,
    )
    (row,) = await rows(pool)
    assert (row["accountable"], row["exempted"], row["decided_on"]) == (2, 1, date(2021, 11, 25))


async def test_the_latest_step_of_its_kind_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    await stated(pool, s.verified("XS1", "2021-09-06", "unsubstantiated"), VERIFIED, RECEIVED)
    assert [(row["verified_on"], row["result"]) for row in await rows(pool)] == [
        (date(2021, 9, 6), "unsubstantiated")
    ]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.clue("XS1", "2021-07-14", track="discipline")
    log = await stated(pool, second, RECEIVED)
    assert [(row["track"], row["twice"]) for row in await rows(pool)] == [("discipline", True)]
    await log.state(s.voided(second, clue_no="XS1"))
    await read(pool, log)
    assert [(row["track"], row["twice"]) for row in await rows(pool)] == [("civil_affairs", False)]


async def test_a_void_undoes_a_decision_and_a_clue(pool: asyncpg.Pool) -> None:
    log = await stated(pool, RECEIVED, VERIFIED, ACCOUNTABLE)
    await log.state(s.voided(ACCOUNTABLE, clue_no="XS1", person=s.ZHAO))
    await read(pool, log)
    assert [(row["status"], row["accountable"], row["decided_on"]) for row in await rows(pool)] == [
        ("verified", 0, None)
    ]
    await log.state(s.voided(RECEIVED, clue_no="XS1"))
    await read(pool, log)
    assert await rows(pool) == []


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, RECEIVED, VERIFIED)
    await log.close_day("2021-12-01")
    await log.state(ACCOUNTABLE)
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2021, 7, 12)) == []
    assert await statuses(until=date(2021, 8, 5)) == ["received"]
    assert await statuses(until=date(2021, 10, 24)) == ["verified"]
    assert await statuses(until=date(2021, 10, 25)) == ["decided"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["verified"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG, division="500102008202"),
        s.clue("XS2", "2021-07-31", household_no="H1", division=None),
        s.clue("XS1", "2021-08-01"),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["clue_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["XS2", "XS1"], "by day, then number"
    assert await numbers(village="500102008201") == ["XS1"], "the village that it states"
    assert await numbers(village="500102008202") == ["XS2"], "the village of the household's enrolment"
    assert await numbers(month="2021-07") == ["XS2"]
    assert await numbers(household_no="H1") == ["XS2"]
