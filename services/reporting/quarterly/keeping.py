"""Freezes quarters, reads what is kept of them, and compares: the shell around ``quarters``."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from events.values import SHANGHAI
from projections.annex2.items import COUNTS
from services.platform.database import Connection
from services.reporting.annex2 import Annex2, UnknownCellError, annex2, annex2_cell
from services.reporting.catalogue import catalogue
from services.reporting.filters import MOST_ROWS, check_programme
from services.reporting.paging import Row
from services.reporting.quarterly.quarters import (
    AlteredError,
    Comparison,
    Discounted,
    FreezeError,
    Frozen,
    Item,
    Quarter,
    Side,
    Which,
    by_cell,
    changes,
    check_days,
    check_people,
    check_reason,
    check_sums,
    code_of,
    differences,
    gone,
    item_of,
    which,
)
from services.reporting.reach import check_everywhere
from services.reporting.reading import NotThereError, reading, require_closed

NOW = "now"
"""What a quarter is compared with to see what late facts would make of it."""

_HEADER = (
    *("quarter", "programme", "number", "until", "as_of", "prepared_by", "checked_by", "because"),
    *("frozen_at", "cells", "areas", "positions", "checkpoints", "digest"),
)


class NotFrozenError(NotThereError):
    """The quarter was not frozen (so often)."""


async def freeze(
    pool: asyncpg.Pool,
    quarter: Quarter,
    programme: str,
    prepared_by: str,
    checked_by: str,
    *,
    as_of: date | None = None,
    because: str | None = None,
    checkpoints: Callable[[Mapping[str, int]], Mapping[str, str]] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(SHANGHAI),
) -> Frozen:
    """Keep Annex 2 of a quarter for ever, and return it.

    ``as_of``: a closed day at its end or after it; by default the latest. ``because``: why it is stated anew,
    where it was frozen before. ``checkpoints``: gives what the journal signed of the log to these positions,
    and reads files; None: the quarter names none. Raises what it raises, FreezeError, DayNotClosedError,
    WrongQuestionError.
    """
    check_programme(programme)
    prepared_by, checked_by = check_people(prepared_by, checked_by)
    day = check_days(quarter, as_of, (await catalogue(pool)).closed, now().astimezone(SHANGHAI).date())
    kept = len(await summaries(pool, quarter, programme))
    because = check_reason(Which(quarter), kept, because)
    positions = await reading(pool, lambda connection: _positions(connection, day))
    filled = await annex2(pool, quarter.last, day, programme, "village")
    items = {cell: await _items(pool, cell, filled) for cell in COUNTS}
    check_sums(filled.total, items)
    witnessed = {} if checkpoints is None else dict(await asyncio.to_thread(checkpoints, positions))
    frozen = Frozen(
        quarter=quarter,
        programme=programme,
        number=kept + 1,
        until=quarter.last,
        as_of=day,
        prepared_by=prepared_by,
        checked_by=checked_by,
        because=because,
        frozen_at=now(),
        cells=filled.total,
        areas=filled.rows,
        positions=positions,
        checkpoints=witnessed,
        items=items,
    )
    await _keep(pool, frozen)
    return frozen


async def _positions(connection: Connection, day: date) -> dict[str, int]:
    await require_closed(connection, day)
    rows = await connection.fetch("SELECT topic, partition, next_offset FROM day_cut($1)", day)
    return {f"{row['topic']}/{row['partition']}": row["next_offset"] for row in rows}


_PLACES = """
SELECT event_id, digest, topic, partition, "offset" FROM live($1, $2) WHERE event_id = ANY ($3)
"""


async def _items(pool: asyncpg.Pool, cell: str, of: Annex2) -> list[Item]:
    """Return every row that a cell counts."""
    rows: list[Row] = []
    after = None
    while True:
        page = await annex2_cell(pool, cell, of.until, of.as_of, of.programme, after=after, limit=MOST_ROWS)
        rows += page.rows
        after = page.next
        if after is None:
            break
    ids = [row["event_id"] for row in rows]
    found = await reading(pool, lambda connection: connection.fetch(_PLACES, of.until, of.as_of, ids))
    places = {
        row["event_id"]: {name: value for name, value in row.items() if name != "event_id"} for row in found
    }
    return [item_of(row, places[row["event_id"]]) for row in rows]


async def _keep(pool: asyncpg.Pool, frozen: Frozen) -> None:
    values = {name: getattr(frozen, name) for name in _HEADER}
    key = (str(frozen.quarter), frozen.programme, frozen.number)
    values["quarter"] = str(frozen.quarter)
    values["areas"] = [[area, cells] for area, cells in frozen.areas]
    marks = ", ".join(f"${at}" for at in range(1, len(_HEADER) + 1))
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                f"INSERT INTO platform.quarter ({', '.join(_HEADER)}) VALUES ({marks})", *values.values()
            )
            await connection.executemany(
                "INSERT INTO platform.quarter_item (quarter, programme, number, cell, place, event_id, item)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    (*key, cell, at, item.event_id, item.as_json())
                    for cell, items in frozen.items.items()
                    for at, item in enumerate(items)
                ],
            )
    except asyncpg.UniqueViolationError:
        raise FreezeError(
            f"Somebody else froze {frozen.quarter} at this moment: look at it, and say why it is stated anew."
        ) from None


async def summaries(
    pool: asyncpg.Pool, quarter: Quarter | None = None, programme: str | None = None
) -> list[Row]:
    """Return what was frozen, by quarter, programme and number, without cells and rows."""
    check_programme(programme)
    rows = await pool.fetch(
        "SELECT quarter, programme, number, until, as_of, prepared_by, checked_by, because, frozen_at, digest"
        " FROM platform.quarter"
        " WHERE ($1::text IS NULL OR quarter = $1) AND ($2::text IS NULL OR programme = $2)"
        " ORDER BY quarter, programme, number",
        str(quarter) if quarter else None,
        programme,
    )
    return [dict(row) for row in rows]


async def frozen(pool: asyncpg.Pool, asked: Which, programme: str) -> Frozen:
    """Return a quarter as it was frozen. Raises NotFrozenError, AlteredError, WrongQuestionError."""
    check_everywhere()
    check_programme(programme)
    # One statement, so that nothing is frozen between two.
    row = await pool.fetchrow(
        f"SELECT {', '.join(_HEADER)}, (SELECT jsonb_agg(jsonb_build_array(cell, item) ORDER BY cell, place)"
        " FROM platform.quarter_item i WHERE (i.quarter, i.programme, i.number)"
        " = (q.quarter, q.programme, q.number)) AS items"
        " FROM platform.quarter q WHERE quarter = $1 AND programme = $2 AND ($3::int IS NULL OR number = $3)"
        " ORDER BY number DESC LIMIT 1",
        str(asked.quarter),
        programme,
        asked.number,
    )
    if row is None:
        raise NotFrozenError(f"{asked} of {programme} was not frozen (`dibao annex2 freeze`).")
    digest, values = row["digest"], dict(row)
    del values["digest"]
    items = by_cell((cell, Item.from_json(kept)) for cell, kept in values.pop("items") or ())
    found = Frozen(
        **{
            **values,
            "quarter": asked.quarter,
            "areas": [(area, cells) for area, cells in values["areas"]],
            # Cells that have no rows are those that have facts and count 0.
            "items": {code: [] for code, count in values["cells"].items() if count is not None} | items,
        }
    )
    if found.digest != digest:
        raise AlteredError(
            f"What is kept of {found.name} is not what {found.prepared_by} and {found.checked_by} froze: "
            "somebody has changed the database."
        )
    return found


async def compare(
    pool: asyncpg.Pool, old: str, new: str, programme: str, cell: str | None = None
) -> Comparison:
    """Return how two quarters, or two states of one, differ; of one ``cell`` also what came and went.

    Each is such as 2021Q3 or 2021Q3.2, and the new one may be ``now``: the old one's quarter, with all that
    is recorded by now. Raises NotFrozenError, AlteredError, UnknownCellError, WrongQuestionError.
    """
    before = (await frozen(pool, which(old, "from"), programme)).side
    if new == NOW:
        after = await _now(pool, before, programme, cell)
    else:
        after = (await frozen(pool, which(new, "to"), programme)).side
    cells = differences(before.cells, after.cells)
    if cell is None:
        return Comparison(before.name, after.name, programme, cells)
    code = code_of(cell, before, after)
    if code is None:
        raise UnknownCellError(cell)
    ids = [item.event_id for item in gone(before, after, code)]
    discounted = await reading(pool, lambda connection: _discounted(connection, ids, after.as_of))
    found = changes(before, after, code, discounted)
    return Comparison(before.name, after.name, programme, cells, code, found)


async def _now(pool: asyncpg.Pool, before: Side, programme: str, cell: str | None) -> Side:
    """Return the quarter of an earlier side with all that is recorded by now, and the rows of one cell."""
    filled = await annex2(pool, before.until, None, programme, "village")
    code = cell if cell in COUNTS else f"{cell}h"
    items = {code: await _items(pool, code, filled)} if code in COUNTS else {}
    return Side(NOW, before.until, None, None, filled.total, items)


_DISCOUNTED = """
SELECT f.event_id, d.reason, v.void_id AS void
FROM recorded($2) AS f
CROSS JOIN LATERAL (SELECT cut_of($2) AS cut) AS c
CROSS JOIN LATERAL (SELECT reason_against(f.event_id, f.digest, c.cut) AS reason) AS d
LEFT JOIN LATERAL voided_by(f.event_id, f.digest, c.cut) AS v ON true
WHERE f.event_id = ANY ($1) AND NOT f.is_void AND d.reason IS NOT NULL
ORDER BY v.void_id
"""


async def _discounted(
    connection: Connection, event_ids: Sequence[UUID], as_of: date | None
) -> Mapping[UUID, Discounted]:
    await require_closed(connection, as_of)
    rows: list[Any] = await connection.fetch(_DISCOUNTED, event_ids, as_of)
    return {row["event_id"]: Discounted(row["reason"], row["void"]) for row in rows}
