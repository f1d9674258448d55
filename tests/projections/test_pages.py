"""Pages and filters of every ledger give the rows that the whole ledger has, in its order."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.queries import LedgerFilter
from tests.projections.log import Log
from tests.projections.reading import read

GOLDEN = Path(__file__).parents[1] / "golden"
CLOSED = date(2022, 1, 31)


async def filled(pool: asyncpg.Pool) -> None:
    """Read the golden street; a day was closed when two thirds of it were recorded."""
    facts = [json.loads(line) for line in (GOLDEN / "facts.ndjson").read_text("utf-8").splitlines()]
    recorded = len(facts) * 2 // 3
    log = Log()
    await log.state(*facts[:recorded])
    await log.close_day(str(CLOSED))
    await log.state(*facts[recorded:])
    await read(pool, log)


async def rows_of(pool: asyncpg.Pool, name: str, asked: LedgerFilter) -> list[dict[str, Any]]:
    """Return the rows of a ledger, page by page."""
    page = await queries.ledger(pool, name, asked)
    found = page.rows
    while page.next is not None:
        page = await queries.ledger(pool, name, replace(asked, after=page.next))
        found += page.rows
    return found


async def test_pages_and_filters(pool: asyncpg.Pool) -> None:
    await filled(pool)
    seen = 0
    for as_of in (None, CLOSED):
        for until in (None, date(2021, 3, 31)):
            for name, declared in LEDGERS.items():
                whole = (await queries.ledger(pool, name, LedgerFilter(until=until, as_of=as_of))).rows
                asked = LedgerFilter(until=until, as_of=as_of, limit=7)
                assert await rows_of(pool, name, asked) == whole, (name, until, as_of)
                seen += len(whole)
                if declared.area is not None:
                    villages = sorted({row[declared.area] for row in whole if row[declared.area]})
                    for village in villages[:3] + villages[-1:]:
                        for digits in (6, 9, 12):
                            wanted = [
                                row
                                for row in whole
                                if (row[declared.area] or "").startswith(village[:digits])
                            ]
                            asked = LedgerFilter(village=village[:digits], until=until, as_of=as_of, limit=40)
                            assert await rows_of(pool, name, asked) == wanted, (name, village[:digits])
                if declared.household is not None:
                    numbers = {row[declared.household] for row in whole if row[declared.household]}
                    for number in sorted(numbers)[:3]:
                        wanted = [row for row in whole if row[declared.household] == number]
                        asked = LedgerFilter(household_no=number, until=until, as_of=as_of, limit=40)
                        assert await rows_of(pool, name, asked) == wanted, (name, number)
    assert seen > 500


async def test_what_is_sorted_by_days_is_sorted_by_business_days(pool: asyncpg.Pool) -> None:
    """So no row is left out where a page ends at the latest business day of what is recorded."""
    await filled(pool)
    for name, declared in LEDGERS.items():
        day, kind = declared.order[0]
        if kind != "date" or name == "deaths":  # sorted by registration, but left out by the day of death
            continue
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL search_path TO projection_g1")
            other = await connection.fetchval(
                f"SELECT count(*) FROM {name}_ledger(NULL, NULL) l JOIN fact f USING (event_id)"
                f" WHERE l.{day} <> f.business_date"
            )
        assert other == 0, name
