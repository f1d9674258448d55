"""Quarters of Annex 2 over HTTP: what was frozen, each as a form and as a file, and how two differ."""

from dataclasses import asdict
from typing import Annotated, Any

import asyncpg
from fastapi import FastAPI, HTTPException, Path, Query
from fastapi.responses import Response

from events.values import Programme
from projections import labels
from services.reporting.annex2 import UnknownCellError
from services.reporting.described import file_of
from services.reporting.exports.annex2_files import annex2_file
from services.reporting.exports.answers import sent
from services.reporting.exports.files import Kind
from services.reporting.quarterly.keeping import NotFrozenError, compare, frozen, summaries
from services.reporting.quarterly.quarters import (
    AlteredError,
    Change,
    Comparison,
    Frozen,
    code_of,
    remark,
    which,
)

Name = Annotated[str, Path(description="a quarter such as 2021Q3, or one restatement of it: 2021Q3.2")]
Cell = Annotated[str | None, Query(pattern=r"^[A-C]\d[a-d]?[hp]?$", description="a column of the form")]
Old = Annotated[str, Query(alias="from", description="a quarter such as 2021Q3, or 2021Q3.2")]
New = Annotated[str, Query(alias="to", description="likewise, or now: with all that is recorded by now")]


def add_quarters(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    """Add the routes; ``guarded``: what each depends on; ``office``: who reports."""

    async def kept(quarter: str, programme: str) -> Frozen:
        try:
            return await frozen(pool, which(quarter), programme)
        except NotFrozenError as error:
            raise HTTPException(404, str(error)) from None
        except AlteredError as error:
            raise HTTPException(500, str(error)) from None

    async def file(quarter: str, programme: str, kind: Kind) -> Response:
        found = await kept(quarter, programme)
        made = await annex2_file(found.filled, kind, office, remark=remark(found))
        return sent(made, kind, f"annex2-{programme}-{found.name}.{kind}")

    @app.get("/annex2/frozen", dependencies=guarded)
    async def listed(programme: Programme | None = None) -> dict[str, Any]:
        """What was frozen: quarter, restatement, up to when, by which closed day, by whom, why anew."""
        return {"rows": await summaries(pool, None, programme)}

    @app.get(
        "/annex2/frozen/{quarter}.xlsx",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("xlsx"),
    )
    async def as_xlsx(quarter: Name, programme: Programme = "rural_dibao") -> Response:
        """The form as it was reported, as an Excel sheet."""
        return await file(quarter, programme, "xlsx")

    @app.get(
        "/annex2/frozen/{quarter}.pdf",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("pdf"),
    )
    async def as_pdf(quarter: Name, programme: Programme = "rural_dibao") -> Response:
        """The form as it was reported, on paper."""
        return await file(quarter, programme, "pdf")

    @app.get("/annex2/frozen/{quarter}", dependencies=guarded)
    async def form(quarter: Name, programme: Programme = "rural_dibao", cell: Cell = None) -> dict[str, Any]:
        """The form as it was reported: cells, villages, checks; of one ``cell`` the rows behind it."""
        found = await kept(quarter, programme)
        if cell is None:
            return document(found)
        code = code_of(cell, found.side)
        if code is None:
            raise HTTPException(404, f"{cell}: {labels.NOT_CONNECTED}")
        rows = [asdict(item) for item in found.items[code]]
        return {"cell": code, "count": found.cells[code], "rows": rows}

    @app.get("/annex2/compare", dependencies=guarded)
    async def compared(
        old: Old, new: New, programme: Programme = "rural_dibao", cell: Cell = None
    ) -> dict[str, Any]:
        """Two quarters, or one then and now, cell by cell; of one ``cell`` what came and went, and why."""
        try:
            return comparison(await compare(pool, old, new, programme, cell))
        except NotFrozenError as error:
            raise HTTPException(404, str(error)) from None
        except AlteredError as error:
            raise HTTPException(500, str(error)) from None
        except UnknownCellError:
            raise HTTPException(404, f"{cell}: {labels.NOT_CONNECTED}") from None


def document(found: Frozen) -> dict[str, Any]:
    """Return a frozen form as JSON values."""
    filled = found.filled
    return {
        "quarter": str(found.quarter),
        "number": found.number,
        "programme": found.programme,
        "until": found.until,
        "as_of": found.as_of,
        "prepared_by": found.prepared_by,
        "checked_by": found.checked_by,
        "because": found.because,
        "frozen_at": found.frozen_at,
        "digest": found.digest,
        "cells": filled.total,
        "rows": [{"village": area, "cells": cells} for area, cells in filled.rows],
        "checks": [
            {**asdict(result.check), "holds": result.holds, "residual": result.residual}
            for result in filled.checks
        ],
        "positions": found.positions,
        "checkpoints": found.checkpoints,
    }


def comparison(found: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    return {
        "from": found.old,
        "to": found.new,
        "programme": found.programme,
        "cells": [
            {"code": each.code, "from": each.old, "to": each.new, "change": each.change}
            for each in found.cells
        ],
        "cell": found.cell,
        "changes": [change_row(each) for each in found.changes],
    }


def change_row(change: Change) -> dict[str, Any]:
    """Return what came or went as one row."""
    return {
        "happened": change.happened,
        "adds": change.adds,
        "why": change.why,
        "void": change.void,
        **asdict(change.item),
    }
