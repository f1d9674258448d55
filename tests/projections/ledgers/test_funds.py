"""Given these steps of the money's way, these rows of the ledger of the money."""

from datetime import date
from typing import Any

import asyncpg

from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.oracle import stating as s
from tests.projections.reading import read, stated


async def rows(pool: asyncpg.Pool, **asked: Any) -> list[dict[str, Any]]:
    return (await queries.ledger(pool, "funds", LedgerFilter(**asked))).rows


SUBMITTED = s.money("batch_submitted", "2021-06-26")
SETTLED = s.money("batch_settled", "2021-06-29")


async def test_a_batch_and_what_the_bank_said_of_it_are_one_row(pool: asyncpg.Pool) -> None:
    log = await stated(pool, SUBMITTED, s.with_data(SETTLED, paid_fen=3250000))
    (row,) = await rows(pool)
    assert row == {
        "fund_stage": "batch_submitted",
        "number": "PC1",
        "parent_no": None,
        "programme": "rural_dibao",
        "period": "2021-06",
        "day": date(2021, 6, 26),
        "amount_fen": 3310000,
        "level": None,
        "bank": "邮储银行",
        "document": None,
        "household_count": 71,
        "person_count": 118,
        "decided_on": date(2021, 6, 15),
        "entered_on": date(2021, 6, 20),
        "audited_on": date(2021, 6, 23),
        "to_finance_on": date(2021, 6, 24),
        "settled_on": date(2021, 6, 29),
        "paid_count": 70,
        "paid_fen": 3250000,
        "failed_count": 1,
        "failed_fen": 54000,
        "difference_fen": 6000,
        "days_taken": 14,
        "twice": False,
        "village": None,
        "event_id": log.records[0].event.event_id,
        "settled_by": log.records[1].event.event_id,
    }


async def test_each_step_of_the_way_is_a_row_of_its_own(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        SUBMITTED,
        s.money("appropriated", "2021-06-25"),
        s.money("allocated", "2021-02-02"),
        s.money("raised", "2021-01-20", document="5号"),
    )
    names = ("fund_stage", "number", "parent_no", "period", "amount_fen", "village", "level", "document")
    assert [tuple(row[name] for name in names) for row in await rows(pool)] == [
        ("allocated", "FP1", "ZJ1", "2021", 42000000, "500102008000", None, "4号"),
        ("raised", "ZJ1", None, "2021", 42000000, None, "municipal", "5号"),
        ("appropriated", "BF1", "FP1", "2021-06", 3310000, None, None, None),
        ("batch_submitted", "PC1", None, "2021-06", 3310000, None, None, None),
    ]


async def test_a_batch_of_which_the_bank_said_nothing_has_no_difference(pool: asyncpg.Pool) -> None:
    await stated(pool, SUBMITTED)
    (row,) = await rows(pool)
    names = ("settled_on", "paid_fen", "failed_fen", "difference_fen", "days_taken", "settled_by")
    assert [row[name] for name in names] == [None] * 6


async def test_what_the_bank_says_of_a_batch_that_nobody_handed_in_is_no_row(pool: asyncpg.Pool) -> None:
    await stated(pool, SETTLED, s.money("raised", "2021-01-20", fund_no="PC1"))
    assert [(row["fund_stage"], row["settled_on"]) for row in await rows(pool)] == [("raised", None)]


async def test_the_bank_s_last_word_counts_whatever_came_first(pool: asyncpg.Pool) -> None:
    late = s.money("batch_settled", "2021-07-02", paid_fen=3310000, failed_fen=0, failed_count=0)
    log = await stated(pool, late, SETTLED, SUBMITTED)
    assert [(row["settled_on"], row["paid_fen"]) for row in await rows(pool)] == [(date(2021, 7, 2), 3310000)]
    await log.state(s.voided(late, batch_no="PC1"))
    await read(pool, log)
    assert [(row["settled_on"], row["paid_fen"]) for row in await rows(pool)] == [
        (date(2021, 6, 29), 3256000)
    ]


async def test_a_number_stated_twice_is_one_row_that_says_so(pool: asyncpg.Pool) -> None:
    second = s.money("batch_submitted", "2021-06-27", amount_fen=1)
    log = await stated(pool, second, SUBMITTED)
    assert [(row["amount_fen"], row["twice"]) for row in await rows(pool)] == [(1, True)]
    await log.state(s.voided(second, batch_no="PC1"))
    await read(pool, log)
    assert [(row["amount_fen"], row["twice"]) for row in await rows(pool)] == [(3310000, False)]


async def test_until_is_the_day_of_business_and_as_of_that_of_recording(pool: asyncpg.Pool) -> None:
    log = await stated(pool, SUBMITTED)
    await log.close_day("2021-12-01")
    await log.state(SETTLED)
    await read(pool, log)

    async def settled(**asked: Any) -> list[date | None]:
        return [row["settled_on"] for row in await rows(pool, **asked)]

    assert await settled(until=date(2021, 6, 25)) == []
    assert await settled(until=date(2021, 6, 28)) == [None]
    assert await settled(until=date(2021, 6, 29)) == [date(2021, 6, 29)]
    assert await settled(as_of=date(2021, 12, 1)) == [None]


async def test_its_filters(pool: asyncpg.Pool) -> None:
    await stated(
        pool,
        SUBMITTED,
        s.money("batch_submitted", "2021-07-26", batch_no="PC2", month="2021-07", programme="tekun"),
        s.money("raised", "2021-07-01"),
    )
    assert [row["number"] for row in await rows(pool, month="2021-07")] == ["PC2"], "the month that it is for"
    assert [row["number"] for row in await rows(pool, programme="rural_dibao")] == ["ZJ1", "PC1"]


async def test_totals_have_what_arrived_and_no_money_of_two_stages(pool: asyncpg.Pool) -> None:
    await stated(pool, SUBMITTED, SETTLED, s.money("appropriated", "2021-06-25"))
    found = await queries.ledger_sums(pool, "funds", LedgerFilter(), "fund_stage")
    assert found is not None
    assert set(found.total) == {"rows", "paid_fen", "failed_fen", "difference_fen"}
    assert [(row["group"], row["rows"], row["paid_fen"]) for row in found.groups] == [
        ("appropriated", 1, None),
        ("batch_submitted", 1, 3256000),
    ]
