"""Given these households and checks, these rows of the ledger of the review."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated

ENROLLED = s.enrolled(s.WANG)


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "review", LedgerFilter(**asked))).rows


async def test_a_household_and_its_check_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.enrolled(s.WANG), s.gone_over("2021-07-20", screening_no="QC1"))
    (row,) = await rows(pool)
    assert row == {
        "household_no": "H1",
        "head": None,
        "programme": "rural_dibao",
        "checked_on": date(2021, 7, 20),
        "checkers": ["GZ0003"],
        "person_count": 2,
        "entitlement_fen": 54000,
        "comparison": "consistent",
        "conclusion": "eligible",
        "handled": False,
        "status": "checked",
        "receives": True,
        "village": "500102008201",
        "screening_no": "QC1",
        "checked_by": log.records[1].event.event_id,
        "began_by": log.records[0].event.event_id,
    }


@pytest.mark.parametrize(
    ("raws", "status", "receives"),
    [
        ([ENROLLED], "due", True),
        ([ENROLLED, s.gone_over("2021-07-20", comparison="not_compared")], "checked", True),
        ([ENROLLED, s.gone_over("2021-07-20", comparison="inconsistent")], "problem", True),
        *(
            ([ENROLLED, s.gone_over("2021-07-20", conclusion=conclusion)], "problem", True)
            for conclusion in ("not_eligible", "adjust", "doubtful")
        ),
        ([s.gone_over("2021-07-20")], "checked", False),
        ([ENROLLED, s.exited(stop_month="2021-03"), s.gone_over("2021-07-20")], "checked", False),
        # a check of another programme is none of this one; both have their row
        ([s.gone_over("2021-07-20", programme="urban_dibao")], "checked", False),
    ],
)
async def test_what_is_known_of_a_household(
    pool: asyncpg.Pool, raws: list[dict[str, Any]], status: str, receives: bool
) -> None:
    await stated(pool, *raws[::-1])
    (row,) = await rows(pool)
    assert (row["status"], row["receives"]) == (status, receives)


def of_kin(**relations: dict[str, Any]) -> dict[str, Any]:
    return {"members": [{"person": person, "relation": kin} for kin, person in relations.items()]}


async def test_the_head_is_who_was_last_enrolled_as_such(pool: asyncpg.Pool) -> None:
    log = await stated(
        pool,
        s.enrolled(s.WANG, s.LI, **of_kin(配偶=s.LI, 本人=s.WANG)),
        s.enrolled(s.ZHAO, household_no="H2", **of_kin(户主=s.ZHAO)),
        s.exited(stop_month="2021-03", household_no="H2"),
        s.gone_over("2021-07-20", "H2"),
        s.enrolled(s.LI, household_no="H3", programme="tekun"),
    )
    heads = [(row["household_no"], row["head"]) for row in await rows(pool)]
    wang, zhao = (log.identity.person_token(person["id_number"]) for person in (s.WANG, s.ZHAO))
    assert heads == [("H1", wang), ("H2", zhao), ("H3", None)]
    await log.state(s.exited(s.WANG, stop_month="2021-06"))
    await read(pool, log)
    assert (await rows(pool))[0]["head"] == wang, "nobody was enrolled as the head after him"


async def test_that_it_was_dealt_with_is_said_and_how_stays_sealed(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.gone_over("2021-07-20", conclusion="adjust", handling="核减一人后调整金额"),
        s.gone_over("2021-07-20", "H2", conclusion="adjust"),
    )
    assert [(row["household_no"], row["handled"]) for row in await rows(pool)] == [
        ("H1", True),
        ("H2", False),
    ]


async def test_who_no_longer_receives_and_was_never_checked_is_not_there(pool: asyncpg.Pool) -> None:
    await stated(pool, s.enrolled(s.WANG), s.exited(stop_month="2021-03"))
    assert await rows(pool) == []


async def test_a_check_of_one_programme_leaves_the_other_due(pool: asyncpg.Pool) -> None:
    await stated(
        pool, s.enrolled(s.WANG, programme="urban_dibao"), s.enrolled(s.WANG), s.gone_over("2021-07-20")
    )
    assert [(row["programme"], row["status"]) for row in await rows(pool)] == [
        ("rural_dibao", "checked"),
        ("urban_dibao", "due"),
    ]


async def test_the_last_check_by_day_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.gone_over("2021-09-01", conclusion="adjust", person_count=1)
    log = await stated(pool, late, s.gone_over("2021-07-20"), s.enrolled(s.WANG))
    assert [(row["status"], row["person_count"]) for row in await rows(pool)] == [("problem", 1)]
    await log.state(s.voided(late, household_no="H1", screening_no=late["data"]["screening_no"]))
    await read(pool, log)
    assert [(row["status"], row["person_count"]) for row in await rows(pool)] == [("checked", 2)]


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.enrolled(s.WANG))
    await log.close_day("2021-12-01")
    await log.state(s.gone_over("2021-07-20"))
    await read(pool, log)

    async def statuses(**asked: Any) -> list[str]:
        return [row["status"] for row in await rows(pool, **asked)]

    assert await statuses(until=date(2020, 12, 19)) == []
    assert await statuses(until=date(2021, 7, 19)) == ["due"]
    assert await statuses(until=date(2021, 7, 20)) == ["checked"]
    assert await statuses(as_of=date(2021, 12, 1)) == ["due"]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        s.enrolled(s.WANG),
        s.enrolled(s.LI, household_no="H2", programme="tekun", division="500102008202"),
        s.gone_over("2021-07-31"),
        s.gone_over("2021-08-01", "H2", programme="tekun"),
    )

    async def numbers(**asked: Any) -> list[str]:
        return [row["household_no"] for row in await rows(pool, **asked)]

    assert await numbers() == ["H1", "H2"]
    assert await numbers(village="500102008202") == ["H2"], "the village of the enrolment"
    assert await numbers(month="2021-07") == ["H1"]
    assert await numbers(household_no="H2") == ["H2"]
    assert await numbers(programme="rural_dibao") == ["H1"]
