"""Annex 2 by quarters as pages: what was frozen, each as the form it was, and how two differ, to the fact."""

from dataclasses import asdict, replace
from typing import Any

import asyncpg
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from projections import labels
from projections.annex2.form import form
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from services.reporting.annex2 import UnknownCellError
from services.reporting.kinds import Kinds, kind_of
from services.reporting.pages.annex2 import form_context
from services.reporting.pages.looks import Cell, Table, address, drawn, fact_page, given, here, table, words
from services.reporting.quarterly.keeping import NotFrozenError, compare, frozen, summaries
from services.reporting.quarterly.quarters import Change, Comparison, remark, which

_FROZEN = (
    Heading("quarter", "季度"),
    Heading("number", "第几次定稿"),
    Heading("programme", "救助类别", words=labels.PROGRAMMES),
    Heading("until", "业务日期截至"),
    Heading("as_of", "以某日终为准"),
    Heading("prepared_by", "编制"),
    Heading("checked_by", "审核"),
    Heading("because", "重报原因"),
    Heading("frozen_at", "定稿时间"),
)
_DIFFERENCE = (
    Heading("code", "栏"),
    Heading("name", "项目"),
    Heading("unit", "单位"),
    Heading("old", ""),
    Heading("new", ""),
    Heading("change", "增减"),
)
_CHANGE = (
    Heading("happened", "变动", words=labels.HAPPENED),
    Heading("adds", "计入"),
    Heading("why", "原因", words=labels.WHY),
    Heading("business_date", "业务日期"),
    Heading("kind", "事实类型"),
    HOUSEHOLD,
    Heading("person_id", "人员", sealed=True),
    Heading("number", "编号"),
    VILLAGE,
    Heading("source", "来源系统"),
)


def add_quarters(router: APIRouter, pool: asyncpg.Pool, kinds: Kinds) -> None:
    """Add the list of frozen quarters, the form of one, and the comparison of two."""

    @router.get("/pages/annex2/frozen")
    async def listed(request: Request) -> Response:
        rows = await summaries(pool, None, None)
        opened = table(_FROZEN, rows, {}, opens=_form_page, opens_text=words()["annex2"]["title"])
        names = [f"{row['quarter']}.{row['number']}" for row in rows]
        return drawn(request, "frozen.html", table=opened, names=[(name, name) for name in names])

    @router.get("/pages/annex2/frozen/{quarter}")
    async def one(request: Request, quarter: str) -> Response:
        asked = given(request)
        programme = asked.get("programme", "rural_dibao")
        try:
            found = await frozen(pool, which(quarter), programme)
        except NotFrozenError as error:
            raise HTTPException(404, str(error)) from None
        files = [
            (said, address(f"/annex2/frozen/{quarter}.{suffix}", programme=programme))
            for said, suffix in (("Excel", "xlsx"), ("PDF", "pdf"))
        ]
        kept = form_context(
            found.filled, "village", {"until": found.until, "as_of": found.as_of, "programme": programme}
        )
        return drawn(request, "quarter.html", remark=remark(found), name=found.name, files=files, **kept)

    @router.get("/pages/annex2/compare")
    async def compared(request: Request) -> Response:
        asked = given(request)
        programme = asked.get("programme", "rural_dibao")
        try:
            found = await compare(
                pool, asked.get("from", ""), asked.get("to", "now"), programme, asked.get("cell")
            )
        except (NotFrozenError, UnknownCellError) as error:
            raise HTTPException(404, str(error)) from None
        return drawn(
            request,
            "compare.html",
            found=found,
            cells=_differences(request, found),
            changes=_changes(found, kinds) if found.cell else None,
        )


def _form_page(row: dict[str, Any]) -> str:
    return address(f"/pages/annex2/frozen/{row['quarter']}.{row['number']}", programme=row["programme"])


def _differences(request: Request, found: Comparison) -> Table:
    """Every cell that has a number on one side; those that differ open into what came and went."""
    of = form()
    rows = []
    for each in found.cells:
        column = of.column(each.code)
        said = {"code": each.code, "name": column.name, "unit": column.unit}
        rows.append({**said, "old": each.old, "new": each.new, "change": each.change})
    titled = (*_DIFFERENCE[:3], Heading("old", found.old), Heading("new", found.new), _DIFFERENCE[5])
    drawn_table = table(titled, rows, {})
    cells = []
    for row, line in zip(rows, drawn_table.rows, strict=True):
        change = row["change"]
        opened = here(request, cell=str(row["code"])) if change else None
        cells.append([*line[:5], Cell(f"{change:+,}" if change else "", opened, "number")])
    return replace(drawn_table, rows=cells)


def _changes(found: Comparison, kinds: Kinds) -> Table:
    rows = [_change(each, kinds) for each in found.changes]
    return table(_CHANGE, rows, {}, opens=lambda row: fact_page(row["void"] or row["event_id"]))


def _change(change: Change, kinds: Kinds) -> dict[str, Any]:
    of = asdict(change.item)
    said = {"happened": change.happened, "adds": change.adds, "why": change.why, "void": change.void}
    return {**of, **said, "kind": kind_of(kinds, change.item.type).title}
