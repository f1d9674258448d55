"""The ledgers as pages: rows under their filters, totals, groups, and the files that hold the same."""

from collections.abc import Mapping
from dataclasses import replace

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections import labels
from projections.ledger import Heading, Ledger
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.filters import LedgerFilter
from services.reporting.pages.looks import (
    FILES,
    TOTALS_MS,
    Cell,
    Table,
    address,
    day_of,
    drawn,
    given,
    groups,
    here,
    row_page,
    sorting,
    table,
    text_of,
    words,
)
from services.reporting.paging import Row

_LIMIT = 50
_PRINTED = 1000


def add_ledgers(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the list of ledgers, and a page of each."""

    @router.get("/pages/ledgers")
    async def centre(request: Request) -> Response:
        return drawn(request, "ledgers.html", ledgers=LEDGERS)

    @router.get("/pages/ledgers/{name}")
    async def one(request: Request, name: str) -> Response:
        if name not in LEDGERS:
            raise queries.WrongQuestionError("name", f"one of {', '.join(LEDGERS)}")
        return await _page(request, pool, name)


async def _page(request: Request, pool: asyncpg.Pool, name: str) -> Response:
    declared, asked = LEDGERS[name], given(request)
    filters = filters_of(asked)
    by = asked.get("by")
    page = await queries.ledger(pool, name, filters)
    within = None if asked.get("totals") or by else TOTALS_MS
    sums = await queries.ledger_sums(pool, name, replace(filters, sort=None), by, within_ms=within)
    columns = declared.columns if asked.get("all") else declared.listed
    return drawn(
        request,
        "ledger.html",
        ledger=declared,
        groups=[(group, heading) for group, (heading, _) in declared.groups.items()],
        by=declared.groups[by][0] if by else None,
        grouped=_groups(request, declared, by, sums) if by and sums else None,
        count=sums.total[queries.ROWS] if sums else None,
        table=table(
            columns,
            page.rows,
            asked,
            opens=lambda row: row_page(row, as_of=asked.get("as_of")),
            sorted_by=lambda column: sorting(request, column.name),
            foot=_foot(declared, columns, sums.total) if sums and declared.summed else (),
        ),
        following=here(request, after=page.next) if page.next else None,
        files=[(said, _file(f"/ledgers/{name}.{suffix}", declared, asked)) for said, suffix in FILES.items()],
    )


def filters_of(asked: Mapping[str, str]) -> LedgerFilter:
    """Return what a page's parameters ask of a ledger. Raises WrongQuestionError."""
    return LedgerFilter(
        village=asked.get("village"),
        month=asked.get("month"),
        household_no=asked.get("household_no"),
        programme=asked.get("programme"),
        until=day_of(asked, "until"),
        as_of=day_of(asked, "as_of"),
        after=asked.get("after"),
        limit=_PRINTED if asked.get("print") else _LIMIT,
        sort=asked.get("sort"),
        token=asked.get("token"),
        status=asked.get("status"),
    )


def _file(path: str, declared: Ledger, asked: Mapping[str, str]) -> str:
    offered = (*declared.filters, "until", "as_of")
    return address(path, **{name: asked[name] for name in offered if name in asked})


def _foot(declared: Ledger, columns: tuple[Heading, ...], total: Row) -> list[Cell]:
    said = words()["table"]
    title = said["total"]
    if declared.totals is not None and declared.totals.where is not None:
        name, codes = declared.totals.where
        column = next(each for each in declared.columns if each.name == name)
        title = said["valid"].format(word="、".join(column.words[code] for code in codes))
    summed = {column.name for column in declared.summed}
    cells = [
        Cell(text_of(c, total.get(c.name)), kind="number") if c.name in summed else Cell("") for c in columns
    ]
    return [Cell(title), *cells]


def _groups(request: Request, declared: Ledger, by: str, sums: queries.Sums) -> Table:
    """The totals by group; each group leads to its rows, where a filter of the ledger can say so."""
    coded = next((column.words for column in declared.columns if column.name == by), {})
    counted = Heading(queries.ROWS, words()["table"]["rows"])
    columns = (Heading("group", declared.groups[by][0]), counted, *declared.summed)
    place = by in ("village", "street")
    field = "village" if place else by

    def narrowed(part: str) -> str | None:
        if field not in declared.filters:
            return None
        return here(request, **{field: part, "by": None, "after": None})

    return groups(columns, sums, labels.place if place else lambda part: coded.get(part, part), narrowed)
