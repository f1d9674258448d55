"""The ledgers over HTTP, page by page and as files: three routes a ledger, as its declaration says."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
from fastapi import FastAPI, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field, create_model

from events.values import Programme
from projections.ledger import FILTERS, Ledger
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.asked import CSV, XLSX, AsOf, Day, Limit, Village, named


def add_ledgers(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any]) -> None:
    """Add the routes of every ledger; ``guarded`` is what each depends on."""
    for name, declared in LEDGERS.items():
        _ledger(app, pool, guarded, name, declared)

    @app.get("/ledgers/{name}", dependencies=guarded, include_in_schema=False)
    async def unknown(name: str) -> None:
        raise queries.WrongQuestionError("name", f"one of {', '.join(LEDGERS)}")


def _ledger(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], name: str, declared: Ledger) -> None:
    Asked, Filtered, Grouped = _asked_of(name, declared)  # noqa: N806

    def filters(request: Request, asked: BaseModel) -> queries.LedgerFilter:
        given = asked.model_dump(exclude={"by"}) | {
            field: request.query_params[field] for field in FILTERS if field in request.query_params
        }
        filters = queries.LedgerFilter(**given)
        queries.check_offered(name, filters)
        return filters

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
        by = asked.model_dump().pop("by")
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
        f"/ledgers/{name}.csv", dependencies=guarded, summary=f"{declared.title} CSV", name=f"{name}.csv"
    )
    async def as_csv(request: Request, asked: Annotated[Filtered, Query()]) -> Response:  # type: ignore[valid-type]
        """All rows as a .csv: Chinese headings and words, amounts in 元."""
        pages = queries.ledger_csv(pool, name, filters(request, asked))
        first = await anext(pages)  # so that a refusal is no stream that breaks
        return StreamingResponse(_resumed(first, pages), media_type=CSV, headers=named(f"{name}.csv"))

    @app.get(
        f"/ledgers/{name}.xlsx", dependencies=guarded, summary=f"{declared.title} Excel", name=f"{name}.xlsx"
    )
    async def as_xlsx(request: Request, asked: Annotated[Filtered, Query()]) -> Response:  # type: ignore[valid-type]
        """All rows as an Excel sheet: Chinese headings and words, amounts in 元."""
        file = await queries.ledger_xlsx(pool, name, filters(request, asked))
        return Response(file, media_type=XLSX, headers=named(f"{name}.xlsx"))


def _asked_of(name: str, declared: Ledger) -> tuple[type[BaseModel], type[BaseModel], type[BaseModel]]:
    """Return what a ledger is asked for by the page, as a file, and in sums: filters that it offers, and days."""
    kinds: dict[str, Any] = {
        "village": Village,
        "month": Annotated[str | None, Field(description=_meaning(declared))],
        "household_no": str | None,
        "programme": Programme | None,
    }
    offered: dict[str, Any] = {field: (kinds[field], None) for field in declared.filters}
    filtered = create_model(f"{name}-filters", **offered, until=(Day | None, None), as_of=(AsOf, None))
    paged: dict[str, Any] = {"after": (str | None, None), "limit": (Limit, 100), "sort": (Sort, None)}
    by = Annotated[str | None, Field(description=f"one of {', '.join(declared.groups)}")]
    grouped = create_model(f"{name}-sums", __base__=filtered, by=(by, None))
    return create_model(name, __base__=filtered, **paged), filtered, grouped


Sort = Annotated[str | None, Field(description="a column of the ledger; with - before it the largest first")]


def _meaning(declared: Ledger) -> str:
    return f"a month such as 2021-06: {declared.month.meaning}" if declared.month else ""


async def _resumed(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for text in rest:
        yield text
