"""Annex 2, filled: cells by area, checks, and the rows that a cell opens into."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import asyncpg

from projections.annex2 import GROUPS, MEASURES, Cells, CheckResult, ItemCount, cells, check, form
from services.reporting.filters import check_programme, check_village
from services.reporting.paging import Page, Question, Row
from services.reporting.reading import Connection, reading, require_closed

By = Literal["village", "street"]


@dataclass(frozen=True, slots=True)
class Annex2:
    """The filled form. ``rows``: (division code, cells); code None: items of an unknown village."""

    until: date
    as_of: date | None
    programme: str
    by: By | None
    total: Cells
    checks: list[CheckResult]
    rows: list[tuple[str | None, Cells]]


class UnknownCellError(KeyError):
    """The form has no column of that code, or nothing feeds it yet."""


_COUNTS = """
SELECT p.since, left(i.village, $4) AS area, i.measure, i.class, i.settled, count(*) AS count
FROM annex2_items($1, $2, $3) i
JOIN unnest($5::date[]) AS p (since) ON i.business_date >= p.since
GROUP BY 1, 2, 3, 4, 5
"""
_AREAS = "SELECT DISTINCT left(village, $3) FROM household_village($1, $2) WHERE village IS NOT NULL"


async def annex2(
    pool: asyncpg.Pool,
    until: date,
    as_of: date | None = None,
    programme: str = "rural_dibao",
    by: By | None = None,
) -> Annex2:
    """Return the form with facts of business date up to ``until``, recorded by the close of ``as_of``.

    ``by`` adds a row for every village, or street, that has a household. Raises DayNotClosedError.
    """
    digits = GROUPS[by] if by else 0

    async def ask(connection: Connection) -> tuple[list[Any], list[Any]]:
        await require_closed(connection, as_of)
        since = sorted({column.since for column in form().columns})
        counts = await connection.fetch(_COUNTS, until, as_of, programme, digits, since)
        return counts, await connection.fetch(_AREAS, until, as_of, digits) if by else []

    counts, known = await reading(pool, ask)
    items = [
        ItemCount(row["since"], row["area"], row["measure"], row["class"], row["settled"], row["count"])
        for row in counts
    ]
    areas = {row[0] for row in known} | {item.area for item in items}
    total = cells(items)
    return Annex2(
        until=until,
        as_of=as_of,
        programme=programme,
        by=by,
        total=total,
        checks=check(total),
        rows=[
            (area, cells(item for item in items if item.area == area))
            for area in sorted(areas, key=lambda code: (code is None, code or ""))
        ]
        if by
        else [],
    )


_ITEMS = """
SELECT i.business_date, i.event_id, f.type, f.source, f.serial, i.household_no, i.person_id,
       i.petition_no, i.village, i.month, i.class,
       coalesce(i.person_id, '') AS person, coalesce(i.month, '') AS at_month
FROM annex2_items($1, $2, $3) i
JOIN live($1, $2) f ON f.event_id = i.event_id
WHERE i.measure = $4 AND i.business_date >= $5
  AND ($6::text IS NULL OR i.class = $6) AND ($7::boolean IS NULL OR i.settled = $7)
  AND ($8::text IS NULL OR starts_with(i.village, $8))
"""
_ORDER = (("business_date", "date"), ("event_id", "uuid"), ("person", "text"), ("at_month", "text"))


async def annex2_cell(
    pool: asyncpg.Pool,
    cell: str,
    until: date,
    as_of: date | None = None,
    programme: str = "rural_dibao",
    village: str | None = None,
    *,
    after: str | None = None,
    limit: int | None = None,
) -> Page:
    """Return rows that a cell counts, one an item, by (business date, event id).

    ``event_id`` is the fact that makes it: the exit, the enrolment, the petition. A bare A1, A1a … means
    the 户 column. Raises UnknownCellError, DayNotClosedError, WrongQuestionError.
    """
    arguments = _of_cell(cell, until, as_of, programme, village)
    question = Question(f"annex2 {cell}", f"SELECT * FROM ({_ITEMS}) AS items", _ORDER, arguments)
    return await question.page(pool, as_of=as_of, after=after, limit=limit, row_of=_item)


async def count_of_cell(
    pool: asyncpg.Pool,
    cell: str,
    until: date,
    as_of: date | None = None,
    programme: str = "rural_dibao",
    village: str | None = None,
) -> int:
    """Return how many rows a cell counts, under the same conditions."""
    arguments = _of_cell(cell, until, as_of, programme, village)

    async def ask(connection: Connection) -> int:
        await require_closed(connection, as_of)
        return int(await connection.fetchval(f"SELECT count(*) FROM ({_ITEMS}) AS items", *arguments))

    return await reading(pool, ask)


def _of_cell(cell: str, until: date, as_of: date | None, programme: str, village: str | None) -> list[object]:
    check_programme(programme)
    check_village(village)
    code = cell if cell in MEASURES else f"{cell}h"
    if code not in MEASURES:
        raise UnknownCellError(cell)
    measure, column = MEASURES[code], form().column(code)
    asked = (until, as_of, programme, measure.measure, column.since)
    return [*asked, measure.of_class, measure.settled, village]


def _item(row: Any) -> Row:
    return {name: value for name, value in row.items() if name not in ("person", "at_month")}
