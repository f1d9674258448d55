"""The supervision views as pages, and a village on one page: what every view says of it."""

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from projections import labels
from projections.ledgers import LEDGERS
from projections.view import View
from projections.views import VIEWS
from services.reporting import queries
from services.reporting.filters import ViewFilter, checked_day, village_code
from services.reporting.pages.looks import (
    FILES,
    Cell,
    Table,
    address,
    day_of,
    drawn,
    given,
    here,
    table,
    village_page,
    words,
)
from services.reporting.paging import Row

_LIMIT = 100
_PERIODS = ("month", "quarter", "since")


def add_views(router: APIRouter, pool: asyncpg.Pool) -> None:
    """Add the list of views, a page of each, and the page of a village."""

    @router.get("/pages/views")
    async def centre(request: Request) -> Response:
        return drawn(request, "views.html", views=VIEWS)

    @router.get("/pages/views/{name}")
    async def one(request: Request, name: str) -> Response:
        if name not in VIEWS:
            raise queries.WrongQuestionError("name", f"one of {', '.join(VIEWS)}")
        declared, asked = VIEWS[name], given(request)
        filters = filters_of(declared, asked)
        page = await queries.view(pool, name, filters)
        since, until = filters.period
        return drawn(
            request,
            "view.html",
            name=name,
            view=declared,
            since=since,
            until=until,
            levels=[(level, words()["views"][level]) for level in declared.levels],
            states=[
                pair
                for column in declared.columns
                if column.name == declared.state
                for pair in column.words.items()
            ],
            table=await _shown(pool, declared, page.rows, asked),
            following=here(request, after=page.next) if page.next else None,
            files=[(said, _file(name, suffix, declared, asked)) for said, suffix in FILES.items()],
        )

    @router.get("/pages/villages/{code}")
    async def village(request: Request, code: str) -> Response:
        code = village_code(code) or code
        asked = given(request)
        parts = []
        for name, declared in VIEWS.items():
            if declared.area is None:
                continue
            if "period" not in declared.filters or declared.levels:
                filters = filters_of(declared, {**asked, "village": code})
                rows = (await queries.view(pool, name, filters)).rows
                if rows:
                    parts.append((name, declared.title, await _shown(pool, declared, rows, asked)))
        return drawn(
            request,
            "village.html",
            code=code,
            parts=parts,
            ledgers=[(name, each.title) for name, each in LEDGERS.items() if "village" in each.filters],
        )


def filters_of(declared: View, asked: dict[str, str]) -> ViewFilter:
    """Return what a page's parameters ask of a view. Raises WrongQuestionError."""
    offered = set(declared.filters)
    period = {name: asked.get(name) for name in ("month", "quarter")} if "period" in offered else {}
    since = asked.get("since") if "period" in offered else None
    return ViewFilter(
        by=asked.get("by") if "by" in offered else None,
        village=asked.get("village") if "village" in offered else None,
        household_no=asked.get("household_no") if "household_no" in offered else None,
        state=asked.get("state") if "state" in offered else None,
        since=checked_day(since, "since") if since else None,
        until=day_of(asked, "until"),
        as_of=day_of(asked, "as_of"),
        after=asked.get("after"),
        limit=_LIMIT,
        **period,
    )


def _file(name: str, suffix: str, declared: View, asked: dict[str, str]) -> str:
    offered = {*declared.filters, *(_PERIODS if "period" in declared.filters else ()), "until", "as_of"}
    return address(f"/views/{name}.{suffix}", **{name: asked[name] for name in asked if name in offered})


async def _shown(pool: asyncpg.Pool, declared: View, rows: list[Row], asked: dict[str, str]) -> Table:
    """The rows, each area open to its own page, each rule by its title."""
    if any("rule" in row for row in rows):
        catalogue = await queries.catalogue(pool)
        rows = [{**row, "rule": catalogue.title(row["rule"])} for row in rows]
    found = table(declared.listed, rows, asked)
    names = [column.name for column in declared.listed]
    if declared.area not in names:
        return found
    at = names.index(declared.area)
    cells = []
    for row, line in zip(rows, found.rows, strict=True):
        code = row[declared.area]
        place = Cell(labels.place(code), village_page(code)) if code else Cell(labels.UNKNOWN_AREA)
        cells.append([*line[:at], place, *line[at + 1 :]])
    return Table(found.heads, cells)
