"""Annex 2, filled: cells by area, checks, and the rows that a cell opens into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import asyncpg

from projections.annex2.form import GROUPS, Cells, CheckResult, cells, check, form
from projections.annex2.items import COUNTS, NOUN_OF
from projections.schema import PIPELINE, POSITIONS
from services.platform.database import Connection
from services.reporting.filters import check_programme, village_code
from services.reporting.paging import Page, Question, Row
from services.reporting.reach import own_area
from services.reporting.reading import reading, require_closed

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


# Items are of few kinds: they are added up before it is asked which columns count them. Of each noun only the
# days that a column counts are looked at; said in this form, an index finds them.
_COUNTS = """
WITH item AS (
    SELECT measure, class, fulfilled, CASE WHEN $4 > 0 THEN left(village, $4) END AS area,
           CASE {periods} END AS period, unit, sum(times)::int AS times
    FROM ({items}) AS i
    WHERE $10::text IS NULL OR starts_with(village, $10)
    GROUP BY 1, 2, 3, 4, 5, 6
), counted AS (
    SELECT c.code, i.area, i.unit, sum(i.times)::int AS times
    FROM item i
    JOIN unnest($5::text[], $6::date[], $7::text[], $8::text[], $9::boolean[])
      AS c (code, since, measure, class, fulfilled)
      ON i.measure = c.measure AND i.period >= c.since
     AND (c.class IS NULL OR i.class = c.class) AND (i.fulfilled OR NOT c.fulfilled)
    GROUP BY 1, 2, 3
)
SELECT code, area, false AS whole, sum(CASE WHEN unit IS NULL THEN times ELSE 1 END) AS count
FROM counted GROUP BY code, area
UNION ALL
SELECT code, NULL, true, sum(CASE WHEN unit IS NULL THEN times ELSE 1 END)
FROM (SELECT code, unit, sum(times)::int AS times FROM counted GROUP BY code, unit) AS once GROUP BY code
"""
_OF_NOUN = """
SELECT measure, class, fulfilled, village, business_date, unit, times
FROM annex2_{noun}($1, $2, $3) WHERE business_date >= DATE '{since}'
"""
# From area to area by the index, and not through all households.
_AREAS = """
WITH RECURSIVE area (code) AS (
    SELECT (
        SELECT left(k.village, $3) FROM kept_home k WHERE k.village IS NOT NULL ORDER BY k.village LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT left(k.village, $3) FROM kept_home k WHERE k.village >= (a.code::bigint + 1)::text
        ORDER BY k.village LIMIT 1
    ) FROM area a WHERE a.code IS NOT NULL
)
SELECT a.code FROM area a
WHERE EXISTS (
    SELECT FROM household_village($1, $2) h
    WHERE h.village >= a.code AND h.village < (a.code::bigint + 1)::text
) AND ($4::text IS NULL OR starts_with(a.code, $4))
"""


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

    async def ask(connection: Connection) -> Annex2:
        await require_closed(connection, as_of)
        *place, basis = await connection.fetchrow(_BASIS, as_of, PIPELINE, POSITIONS)
        asked = (*place, until, as_of, programme, by, own_area())
        resting_on, found = _KEPT.get(asked, (None, None))
        if found is None or basis is None or resting_on != basis:
            found = await fill(connection)
            _KEPT.pop(asked, None)
            _KEPT[asked] = basis, found
            if len(_KEPT) > _MOST_KEPT:
                _KEPT.pop(next(iter(_KEPT)))
        return found

    async def fill(connection: Connection) -> Annex2:
        # The planner thinks that few items are found, and sorts all of them to add them up.
        await connection.execute("SET LOCAL enable_sort TO off")
        counts = await connection.fetch(_counts(), until, as_of, programme, digits, *_columns(), own_area())
        known = await connection.fetch(_AREAS, until, as_of, digits, own_area()) if by else []
        return _filled(until, as_of, programme, by, counts, known)

    return await reading(pool, ask)


_KEPT: dict[tuple[object, ...], tuple[str | None, Annex2]] = {}
"""Forms, by what was asked of which generation, and what they rest on: how far the log was read, by the cut
of the closed day, which never changes, or by now. Nothing is counted anew until more of it is read."""
_MOST_KEPT = 200
_BASIS = """
SELECT current_database(), current_schema()::regnamespace::oid, coalesce(cut_of($1)::text, (
    SELECT string_agg(topic || '/' || partition || '/' || next_offset, ' ' ORDER BY topic, partition)
    FROM platform."offset" WHERE pipeline = $2 AND version = $3
))
"""


def _filled(
    until: date,
    as_of: date | None,
    programme: str,
    by: By | None,
    counts: Sequence[Any],
    known: Sequence[Any],
) -> Annex2:
    areas: dict[str | None, list[tuple[str, int]]] = {row[0]: [] for row in known}
    for row in counts:
        if not row["whole"]:
            areas.setdefault(row["area"], []).append((row["code"], row["count"]))
    total = cells((row["code"], row["count"]) for row in counts if row["whole"])
    return Annex2(
        until=until,
        as_of=as_of,
        programme=programme,
        by=by,
        total=total,
        checks=check(total),
        rows=[
            (area, cells(areas[area])) for area in sorted(areas, key=lambda code: (code is None, code or ""))
        ]
        if by
        else [],
    )


def _counts() -> str:
    """Return the question for the counts: each noun's items since the first day that a column counts."""
    first: dict[str, date] = {}
    for code, noun in NOUN_OF.items():
        since = form().column(code).since
        first[noun] = min(first.get(noun, since), since)
    periods = sorted({form().column(code).since for code in NOUN_OF}, reverse=True)
    return _COUNTS.format(
        items=" UNION ALL ".join(_OF_NOUN.format(noun=noun, since=since) for noun, since in first.items()),
        periods=" ".join(f"WHEN business_date >= DATE '{since}' THEN DATE '{since}'" for since in periods),
    )


def _columns() -> tuple[list[str], list[date], list[str], list[str | None], list[bool]]:
    """The columns that have facts: code, since, and what they count."""
    counted = [(column, COUNTS[column.code]) for column in form().columns if column.code in COUNTS]
    return (
        [column.code for column, _ in counted],
        [column.since for column, _ in counted],
        [count.measure for _, count in counted],
        [count.of_class for _, count in counted],
        [count.fulfilled for _, count in counted],
    )


_ITEMS = """
SELECT i.business_date, i.event_id, f.type, f.source, f.serial, i.household_no, i.person_id, i.number,
       i.village, i.month, i.class,
       CASE WHEN i.unit IS NULL THEN i.times
            WHEN row_number() OVER (PARTITION BY i.unit ORDER BY i.business_date, i.event_id) = 1 THEN 1
            ELSE 0 END AS counted,
       coalesce(i.person_id, '') AS person, coalesce(i.month, '') AS at_month
FROM annex2_{noun}($1, $2, $3) i
JOIN live($1, $2) f ON f.event_id = i.event_id
WHERE i.measure = $4 AND i.business_date >= $5
  AND ($6::text IS NULL OR i.class = $6) AND (i.fulfilled OR NOT $7::boolean)
  AND ($8::text IS NULL OR starts_with(i.village, $8)) AND ($9::text IS NULL OR starts_with(i.village, $9))
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

    ``event_id`` is the fact that makes it: the exit, the enrolment, the petition. ``counted`` is what the row
    adds to the cell: 0 for a person or a clue that an earlier row has counted. A bare A1, A1a … means the 户
    column. Raises UnknownCellError, DayNotClosedError, WrongQuestionError.
    """
    arguments = _of_cell(cell, until, as_of, programme, village)
    question = Question(
        f"annex2 {cell}", f"SELECT * FROM ({_items(cell)}) AS items", _ORDER, arguments, narrow=True
    )
    return await question.page(pool, as_of=as_of, after=after, limit=limit, row_of=_item)


async def count_of_cell(
    pool: asyncpg.Pool,
    cell: str,
    until: date,
    as_of: date | None = None,
    programme: str = "rural_dibao",
    village: str | None = None,
) -> int:
    """Return what a cell counts, under the same conditions: the sum of ``counted``."""
    arguments = _of_cell(cell, until, as_of, programme, village)

    async def ask(connection: Connection) -> int:
        await require_closed(connection, as_of)
        counted = f"SELECT coalesce(sum(counted), 0) FROM ({_items(cell)}) AS items"
        return int(await connection.fetchval(counted, *arguments))

    return await reading(pool, ask)


def _of_cell(cell: str, until: date, as_of: date | None, programme: str, village: str | None) -> list[object]:
    check_programme(programme)
    village = village_code(village)
    code = _code(cell)
    count, column = COUNTS[code], form().column(code)
    return [
        until,
        as_of,
        programme,
        count.measure,
        column.since,
        count.of_class,
        count.fulfilled,
        village,
        own_area(),
    ]


def _items(cell: str) -> str:
    return _ITEMS.format(noun=NOUN_OF[_code(cell)])


def _code(cell: str) -> str:
    code = cell if cell in COUNTS else f"{cell}h"
    if code not in COUNTS:
        raise UnknownCellError(cell)
    return code


def _item(row: Any) -> Row:
    return {name: value for name, value in row.items() if name not in ("person", "at_month")}
