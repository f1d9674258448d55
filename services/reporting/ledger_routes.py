"""The ledgers over HTTP, page by page and as files: four routes a ledger, as its declaration says."""

from typing import Annotated, Any, cast

import asyncpg
from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, create_model

from events.values import Programme
from projections.ledger import FILTERS, Ledger
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.asked import AsOf, Day, Limit, Village
from services.reporting.described import file_of
from services.reporting.exports.answers import csv_answer, file_answer
from services.reporting.exports.listing import Listing
from services.reporting.exports.sources import ledger_listing
from services.reporting.exports.text import Encoding


def add_ledgers(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    """Add the routes of every ledger; ``guarded``: what each depends on; ``office``: who reports."""
    for name, declared in LEDGERS.items():
        _ledger(app, pool, guarded, office, name, declared)

    @app.get("/ledgers/{name}", dependencies=guarded, include_in_schema=False)
    async def unknown(name: str) -> None:
        raise queries.WrongQuestionError("name", f"one of {', '.join(LEDGERS)}")


def _ledger(
    app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str, name: str, declared: Ledger
) -> None:
    Asked, Filtered, Grouped = _asked_of(name, declared)  # noqa: N806

    def filters(request: Request, asked: BaseModel) -> queries.LedgerFilter:
        given = asked.model_dump(exclude={"by"}) | {
            field: request.query_params[field] for field in FILTERS if field in request.query_params
        }
        filters = queries.LedgerFilter(**given)
        queries.check_offered(name, filters)
        return filters

    def listing(request: Request, asked: BaseModel) -> Listing:
        return ledger_listing(pool, name, filters(request, asked), office)

    @app.get(f"/ledgers/{name}", dependencies=guarded, summary=declared.title, name=name)
    async def rows(request: Request, asked: Annotated[Asked, Query()]) -> dict[str, Any]:  # type: ignore[valid-type]
        """Rows of a ledger in order, and ``next``: give it as ``after`` for the following page."""
        page = await queries.ledger(pool, name, filters(request, asked))
        return {"ledger": name, "title": declared.title, "rows": page.rows, "next": page.next}

    @app.get(
        f"/ledgers/{name}/sums",
        dependencies=guarded,
        summary=f"{declared.title} 合计",
        name=f"{name}/sums",
    )
    async def sums(
        request: Request,
        asked: Annotated[Grouped, Query()],  # type: ignore[valid-type]
    ) -> dict[str, Any]:
        """What the rows come to: how many, and the totals of columns; also by village, month or code."""
        by = cast(BaseModel, asked).model_dump()["by"]
        found = await queries.ledger_sums(pool, name, filters(request, asked), by)
        assert found is not None
        return {
            "ledger": name,
            "title": declared.title,
            "by": by,
            "total": found.total,
            "groups": found.groups,
        }

    @app.get(
        f"/ledgers/{name}.csv",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("csv"),
        summary=f"{declared.title} CSV",
        name=f"{name}.csv",
    )
    async def as_csv(
        request: Request,
        asked: Annotated[Filtered, Query()],  # type: ignore[valid-type]
        encoding: Encoding = "utf-8",
    ) -> Response:
        """All rows as a .csv: Chinese headings and words, amounts in 元."""
        return await csv_answer(listing(request, asked), f"{name}.csv", encoding)

    @app.get(
        f"/ledgers/{name}.xlsx",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("xlsx"),
        summary=f"{declared.title} Excel",
        name=f"{name}.xlsx",
    )
    async def as_xlsx(request: Request, asked: Annotated[Filtered, Query()]) -> Response:  # type: ignore[valid-type]
        """All rows as an Excel sheet to be printed: Chinese headings and words, amounts in 元, totals."""
        return await file_answer(listing(request, asked), "xlsx", f"{name}.xlsx")

    @app.get(
        f"/ledgers/{name}.pdf",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("pdf"),
        summary=f"{declared.title} PDF",
        name=f"{name}.pdf",
    )
    async def as_pdf(request: Request, asked: Annotated[Filtered, Query()]) -> Response:  # type: ignore[valid-type]
        """All rows on paper: the listed columns, heads, signatures and page number on every page."""
        return await file_answer(listing(request, asked), "pdf", f"{name}.pdf")


def _asked_of(name: str, declared: Ledger) -> tuple[type[BaseModel], type[BaseModel], type[BaseModel]]:
    """Return what a ledger is asked for by the page, as a file, and in sums: filters, and days."""
    kinds: dict[str, Any] = {
        "village": Village,
        "month": Annotated[str | None, Field(description=_meaning(declared))],
        "household_no": str | None,
        "programme": Programme | None,
        "token": Annotated[str | None, Field(description="of a person (p.…) or an account (a.…)")],
        "status": Annotated[str | None, Field(description=_statuses(declared))],
    }
    offered: dict[str, Any] = {field: (kinds[field], None) for field in declared.filters}
    filtered = create_model(f"{name}-filters", **offered, until=(Day | None, None), as_of=(AsOf, None))
    paged: dict[str, Any] = {"after": (str | None, None), "limit": (Limit, 100), "sort": (Sort, None)}
    by = Annotated[str | None, Field(description=f"one of {', '.join(declared.groups)}")]
    grouped = create_model(f"{name}-sums", __base__=filtered, by=(by, None))
    return create_model(name, __base__=filtered, **paged), filtered, grouped


Sort = Annotated[str | None, Field(description="a column of the ledger; with - before it the largest first")]


def _statuses(declared: Ledger) -> str:
    return f"one of {', '.join(declared.status.words)}" if declared.status else ""


def _meaning(declared: Ledger) -> str:
    return f"a month such as 2021-06: {declared.month.meaning}" if declared.month else ""
