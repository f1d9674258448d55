"""Given these policies, these rows of their ledger."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "policies", LedgerFilter(**asked))).rows


async def test_a_policy_is_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, s.issued())
    (row,) = await rows(pool)
    assert row == {
        "policy_no": "ZC1",
        "title": "受疫情影响困难群众临时救助",
        "document": "渝民〔2020〕31号",
        "issued_by": "市民政局",
        "from_day": date(2020, 3, 20),
        "to_day": date(2021, 12, 31),
        "gives": "temporary_relief",
        "conditions": ["未参加失业保险"],
        "twice": False,
        "village": None,
        "event_id": log.records[0].event.event_id,
    }


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.issued(from_="2020-04-01", gives="tekun")
    log = await stated(pool, second, s.issued())
    assert [(row["gives"], row["twice"]) for row in await rows(pool)] == [("tekun", True)]
    await log.state(s.voided(second, policy_no="ZC1"))
    await read(pool, log)
    assert [(row["gives"], row["twice"]) for row in await rows(pool)] == [("temporary_relief", False)]


async def test_until_is_the_day_from_which_it_holds(pool: asyncpg.Pool) -> None:
    await stated(pool, s.issued())
    assert await rows(pool, until=date(2020, 3, 19)) == []
    assert len(await rows(pool, until=date(2020, 3, 20))) == 1


async def test_a_month_has_the_policies_that_are_in_force_in_it(pool: asyncpg.Pool) -> None:
    await stated(pool, s.issued("ZC2", "2021-06-30", to=None), s.issued())
    for month, numbers in [
        ("2020-02", []),
        ("2020-03", ["ZC1"]),
        ("2021-06", ["ZC1", "ZC2"]),
        ("2021-12", ["ZC1", "ZC2"]),
        ("2022-01", ["ZC2"]),
    ]:
        assert [row["policy_no"] for row in await rows(pool, month=month)] == numbers, month
