"""Given these steps of care, these rows of the ledger of people without means, strength or family."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

DEMANDED = s.care("central_demanded", "2021-03-15", s.WANG)
ADMITTED = s.care("admitted", "2021-04-02", s.WANG)
DISCHARGED = s.care("discharged", "2021-11-19", s.WANG)
AT_HOME = s.care("dispersed_care_begun", "2021-11-20", s.WANG)
AGREED = s.care("care_agreement_signed", "2021-11-22", s.WANG)


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "tekun", LedgerFilter(**asked))).rows


async def test_all_steps_of_a_person_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, DEMANDED, ADMITTED, DISCHARGED, AT_HOME, AGREED)
    (row,) = await rows(pool)
    assert row == {
        "household_no": "T1",
        "person": log.identity.person_token(s.WANG["id_number"]),
        "self_care": "none",
        "status": "dispersed_care_begun",
        "first_on": date(2021, 3, 15),
        "demanded_on": date(2021, 3, 15),
        "admitted_on": date(2021, 4, 2),
        "institution": "白涛敬老院",
        "discharged_on": date(2021, 11, 19),
        "cause": "own_wish",
        "begun_on": date(2021, 11, 20),
        "agreement_no": "照料1号",
        "carer": log.identity.person_token(s.ZHAO["id_number"]),
        "carer_kind": "neighbour",
        "signed_on": date(2021, 11, 22),
        "valid_from": date(2021, 11, 22),
        "valid_to": date(2022, 12, 31),
        "village": "500102008201",
        "event_id": log.records[0].event.event_id,
    }


@pytest.mark.parametrize(
    ("steps", "status", "self_care"),
    [
        ([DEMANDED], "central_demanded", "partial"),
        ([DEMANDED, ADMITTED], "admitted", "partial"),
        ([ADMITTED], "admitted", None),
        ([DEMANDED, ADMITTED, DISCHARGED], "discharged", "partial"),
        ([DISCHARGED, AT_HOME], "dispersed_care_begun", "none"),
        # an agreement alone says not where somebody lives
        ([AGREED], None, None),
        # back in the institution
        ([ADMITTED, DISCHARGED, s.care("admitted", "2021-12-01", s.WANG)], "admitted", None),
    ],
)
async def test_where_a_person_lives(
    pool: asyncpg.Pool, steps: list[dict[str, Any]], status: str | None, self_care: str | None
) -> None:
    await stated(pool, *steps[::-1])
    assert [(row["status"], row["self_care"]) for row in await rows(pool)] == [(status, self_care)]


async def test_the_last_step_of_its_kind_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    again = s.care("admitted", "2021-12-01", s.WANG, institution="清溪敬老院")
    log = await stated(pool, again, ADMITTED)
    (row,) = await rows(pool)
    assert (row["admitted_on"], row["institution"], row["first_on"]) == (
        date(2021, 12, 1),
        "清溪敬老院",
        date(2021, 4, 2),
    )
    assert row["event_id"] == log.records[1].event.event_id, "the first step of all"


async def test_a_person_of_two_households_and_two_of_one_have_a_row_each(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.care("admitted", "2021-04-02", s.WANG, "T2"),
        s.care("admitted", "2021-04-02", s.LI),
        ADMITTED,
    )
    assert [row["household_no"] for row in await rows(pool)] == ["T1", "T1", "T2"]


async def test_a_void_undoes_a_step(pool: asyncpg.Pool) -> None:
    log = await stated(pool, DEMANDED, ADMITTED)
    place: dict[str, Any] = {"household_no": "T1", "person": s.WANG}
    await log.state(s.voided(ADMITTED, **place))
    await read(pool, log)
    assert [(row["status"], row["institution"]) for row in await rows(pool)] == [("central_demanded", None)]
    await log.state(s.voided(DEMANDED, **place))
    await read(pool, log)
    assert await rows(pool) == []


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, DEMANDED, ADMITTED)
    await log.close_day("2021-12-01")
    await log.state(DISCHARGED)
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2021, 3, 14)) == []
    assert await statuses(until=date(2021, 4, 1)) == ["central_demanded"]
    assert await statuses(until=date(2021, 11, 18)) == ["admitted"]
    assert await statuses(until=date(2021, 11, 19)) == ["discharged"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["admitted"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        ADMITTED,
        s.care("admitted", "2021-12-01", s.WANG),
        s.care("care_agreement_signed", "2021-05-31", s.LI, "T2", division=None),
        s.enrolled(s.LI, household_no="T2", division="500102008202"),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["household_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["T1", "T2"]
    assert await numbers(village="500102008201") == ["T1"], "the village that the steps state"
    assert await numbers(village="500102008202") == ["T2"], "the village of the household's enrolment"
    assert await numbers(month="2021-04") == ["T1"], "the month of the first step"
    assert await numbers(month="2021-12") == []
    assert await numbers(month="2021-05") == ["T2"], "an agreement is a step as well"
    assert await numbers(household_no="T2") == ["T2"]
