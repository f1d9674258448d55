"""Annex 2 as the official form: merged heads, a row an area, every cell open to its facts; its checks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from events.values import local_date
from projections import labels
from projections.annex2.form import CheckResult, form
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from services.reporting import queries
from services.reporting.exports.annex2_layout import FIRST, heads
from services.reporting.filters import checked_day
from services.reporting.kinds import Kinds, kind_of
from services.reporting.pages.looks import (
    FILES,
    address,
    day_of,
    drawn,
    fact_page,
    given,
    here,
    table,
    words,
)

_LIMIT = 100
_BY = ("village", "street")
_ITEM = (
    Heading("business_date", "业务日期"),
    Heading("kind", "事实类型"),
    HOUSEHOLD,
    Heading("person_id", "人员", sealed=True),
    Heading("number", "编号"),
    Heading("month", "月份"),
    VILLAGE,
    Heading("source", "来源系统"),
    Heading("counted", "计入"),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged head of the form: its text, and over how many rows and columns."""

    text: str
    rows: int
    columns: int
    stub: bool


def add_annex2(router: APIRouter, pool: asyncpg.Pool, kinds: Kinds) -> None:
    """Add the form, and the page of a cell."""

    @router.get("/pages/annex2")
    async def annex2(request: Request) -> Response:
        asked = given(request)
        until, as_of, programme = _days(asked)
        by = asked.get("by", "village")
        if by not in (*_BY, "none"):
            raise queries.WrongQuestionError("by", "one of village, street, none")
        filled = await queries.annex2(pool, until, as_of, programme, None if by == "none" else by)  # type: ignore[arg-type]
        cells = {"until": until, "as_of": as_of, "programme": programme}
        files = [
            (said, address(f"/annex2.{suffix}", **cells, by=None if by == "none" else by))
            for said, suffix in FILES.items()
        ]
        return drawn(request, "annex2.html", by=by, files=files, **form_context(filled, by, cells))

    @router.get("/pages/annex2/cells/{code}")
    async def cell(request: Request, code: str) -> Response:
        asked = given(request)
        until, as_of, programme = _days(asked)
        village = asked.get("village")
        try:
            column = form().column(code)
            of_cell = (pool, code, until, as_of, programme, village)
            page = await queries.annex2_cell(*of_cell, after=asked.get("after"), limit=_LIMIT)
            count = await queries.count_of_cell(*of_cell)
        except KeyError:
            raise HTTPException(404, words()["refused"]["status_404"]) from None
        rows = [{**row, "kind": kind_of(kinds, row["type"]).title} for row in page.rows]
        over = asked.get("as_of")
        return drawn(
            request,
            "cell.html",
            column=column,
            code=code,
            count=count,
            village=village,
            until=until,
            programme=programme,
            back=address(
                "/pages/annex2",
                **{name: asked[name] for name in ("until", "as_of", "programme") if name in asked},
            ),
            table=table(_ITEM, rows, asked, opens=lambda row: fact_page(row["event_id"], as_of=over)),
            following=here(request, after=page.next) if page.next else None,
        )


def form_context(filled: queries.Annex2, by: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a template needs to draw the form; ``asked``: what its cells are opened with."""
    areas = [
        (labels.place(area) if area else labels.UNKNOWN_AREA, False, _row(found, {**asked, "village": area}))
        for area, found in filled.rows
    ]
    return {
        "form": form(),
        "filled": filled,
        "heads": merged(by),
        "rows": [*areas, (labels.TOTAL, True, _row(filled.total, asked))],
        "checks": [(result, _titled(result)) for result in filled.checks],
    }


def _days(asked: dict[str, str]) -> tuple[date, date | None, str]:
    until = checked_day(asked["until"], "until") if "until" in asked else _quarter_end()
    as_of = day_of(asked, "as_of")
    return until, as_of, asked.get("programme", "rural_dibao")


def _quarter_end() -> date:
    """The last day of the quarter that ended last."""
    today = local_date(datetime.now(UTC))
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


def merged(by: str) -> list[list[Merged]]:
    """Return the heads of the form row by row, as a table of HTML has them."""
    lines: dict[int, list[tuple[int, Merged]]] = {}
    for head in heads(form()):
        stub = head.left < FIRST
        text = labels.STUBS.get(by, head.text) if stub else head.text
        box = Merged(text, head.bottom - head.top + 1, head.right - head.left + 1, stub)
        lines.setdefault(head.top, []).append((head.left, box))
    return [[box for _, box in sorted(lines[top], key=lambda pair: pair[0])] for top in sorted(lines)]


def _row(cells: dict[str, int | None], asked: dict[str, Any]) -> list[tuple[str | None, str]]:
    """The cells of a row: text, and the page that a cell opens into; none where it has no source."""
    return [
        (None, labels.NOT_CONNECTED)
        if cells[column.code] is None
        else (address(f"/pages/annex2/cells/{column.code}", **asked), f"{cells[column.code]:,}")
        for column in form().columns
    ]


def _titled(result: CheckResult) -> str:
    said = words()["annex2"]
    return {"eq": said["hard"], "eq_soft": said["soft"], "le": said["bound"]}[result.check.kind]  # type: ignore[no-any-return]
