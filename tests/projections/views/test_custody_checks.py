"""Given these custodies and checks, when each card in other hands is to be looked at next (R31, R32)."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import ViewFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

DAY = date(2021, 6, 30)


async def rows(pool: asyncpg.Pool, until: date = DAY, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.view(pool, "custody_checks", ViewFilter(until=until, **asked))).rows


def checked(checked_on: str, result: str = "in_order") -> dict[str, Any]:
    stated = {
        "custody_no": "C1",
        "household_no": "H1",
        "checked_on": checked_on,
        "card_present": True,
        "withdrawals_explained": True,
        "result": result,
    }
    return s.state("custody.checked", checked_on, stated)


def handed_over(day: str, direction: str, **data: Any) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "custody_no": "C1",
        "household_no": "H1",
        "handed_over_on": day,
        "direction": direction,
        "from_person": s.STRANGER,
        "to_person": s.WANG if direction == "to_beneficiary" else s.ZHAO,
    }
    return s.state("custody.handed_over", day, stated | data)


async def test_six_months_after_the_last_check(pool: asyncpg.Pool) -> None:
    await stated(
        pool, s.enrolled(s.WANG), s.granted(), checked("2021-02-28", "irregular"), checked("2020-12-20")
    )
    assert await rows(pool) == [
        {
            "custody_no": "C1",
            "household_no": "H1",
            "village": "500102008201",
            "custodian_kind": "relative",
            "valid_from": date(2020, 12, 1),
            "valid_to": date(2021, 12, 31),
            "checked_on": date(2021, 2, 28),
            "result": "irregular",
            "due_on": date(2021, 8, 28),
            "days_left": 59,
            "days_over": None,
            "state": "waiting",
        }
    ]


@pytest.mark.parametrize(
    ("until", "state", "left", "over"),
    [
        (date(2021, 5, 31), "waiting", 1, None),
        (date(2021, 6, 1), "due", 0, None),
        (date(2021, 6, 11), "overdue", None, 10),
    ],
)
async def test_the_days_to_the_first_check(
    pool: asyncpg.Pool, until: date, state: str, left: int | None, over: int | None
) -> None:
    await stated(pool, s.enrolled(s.WANG), s.granted(), checked("2020-11-30"))
    (row,) = await rows(pool, until)
    assert (row["checked_on"], row["state"], row["days_left"], row["days_over"]) == (None, state, left, over)
    assert [row["custody_no"] for row in await rows(pool, until, state=state)] == ["C1"]


@pytest.mark.parametrize(
    ("fact", "kinds"),
    [
        (s.custody_ended("2021-06-30"), []),
        (s.custody_ended("2021-07-01"), ["relative"]),
        (handed_over("2021-06-30", "to_beneficiary"), []),
        (handed_over("2021-06-30", "to_successor", custodian_kind="village_official"), ["village_official"]),
        (s.exited(stop_month="2021-06"), []),
        (s.exited(stop_month="2021-07"), ["relative"]),
    ],
)
async def test_only_cards_in_other_hands_of_somebody_who_receives(
    pool: asyncpg.Pool, fact: dict[str, Any], kinds: list[str]
) -> None:
    await stated(pool, s.enrolled(s.WANG), s.granted(), fact)
    assert [row["custodian_kind"] for row in await rows(pool)] == kinds


async def test_policy_void_and_as_of(pool: asyncpg.Pool) -> None:
    check = checked("2021-03-01")
    log = await stated(
        pool,
        s.enrolled(s.WANG),
        s.granted(),
        check,
        s.adopted("custody.check_months", 3, "2021-06-30", division_prefix="500102"),
    )
    await log.close_day("2021-07-01")
    await log.state(s.voided(check, household_no="H1"))
    await read(pool, log)

    async def due(**asked: Any) -> list[date]:
        return [row["due_on"] for row in await rows(pool, **asked)]

    assert await due(until=date(2021, 6, 29)) == [date(2021, 6, 1)]
    assert await due() == [date(2021, 3, 1)]
    assert await due(as_of=date(2021, 7, 1)) == [date(2021, 6, 1)]
    assert await due(household_no="H1", village="500102008") == [date(2021, 3, 1)]
    assert await due(village="500102009") == []
