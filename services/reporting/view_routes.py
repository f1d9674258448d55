"""The supervision views over HTTP, page by page: a route a view, as its declaration says."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, create_model

from projections.view import View
from projections.views import VIEWS
from services.reporting import queries
from services.reporting.asked import AsOf, Day, Limit, Village
from services.reporting.described import file_of
from services.reporting.exports.answers import csv_answer, file_answer
from services.reporting.exports.sources import view_listing
from services.reporting.views import check_offers, offered, states


def add_views(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    """Add the routes of every view; ``guarded`` is what each depends on. ``office``: who reports."""

    @app.get("/views", dependencies=guarded)
    async def views() -> dict[str, Any]:
        """The views by name: title, what is counted, columns, and what each may be asked by."""
        return {"rows": [_declared(name, view) for name, view in VIEWS.items()]}

    for name, declared in VIEWS.items():
        _view(app, pool, guarded, office, name, declared)

    @app.get("/views/{name}", dependencies=guarded, include_in_schema=False)
    async def unknown(name: str) -> None:
        raise queries.WrongQuestionError("name", f"one of {', '.join(VIEWS)}")


def _view(
    app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str, name: str, declared: View
) -> None:
    Asked = _asked_of(name, declared)  # noqa: N806

    def filters_of(request: Request, asked: BaseModel) -> queries.ViewFilter:
        check_offers(name, request.query_params)
        return queries.ViewFilter(**asked.model_dump())

    @app.get(
        f"/views/{name}.csv",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("csv"),
        summary=f"{declared.title} CSV",
        name=f"view {name}.csv",
    )
    async def as_csv(
        request: Request,
        asked: Annotated[Asked, Query()],  # type: ignore[valid-type]
    ) -> Response:
        """All rows as a .csv in UTF-8."""
        listing = view_listing(pool, name, filters_of(request, asked), office)
        return await csv_answer(listing, f"{name}.csv", "utf-8")

    @app.get(
        f"/views/{name}.{{kind}}",
        dependencies=guarded,
        response_class=Response,
        responses=file_of("xlsx", "pdf"),
        summary=f"{declared.title} 文件",
        name=f"view {name} file",
    )
    async def as_file(
        kind: Literal["xlsx", "pdf"],
        request: Request,
        asked: Annotated[Asked, Query()],  # type: ignore[valid-type]
    ) -> Response:
        """All rows as an Excel sheet, or on paper."""
        listing = view_listing(pool, name, filters_of(request, asked), office)
        return await file_answer(listing, kind, f"{name}.{kind}")

    @app.get(f"/views/{name}", dependencies=guarded, summary=declared.title, name=f"view {name}")
    async def rows(request: Request, asked: Annotated[Asked, Query()]) -> dict[str, Any]:  # type: ignore[valid-type]
        """Rows of a view in order, and ``next``: give it as ``after`` for the following page."""
        filters = filters_of(request, asked)
        page = await queries.view(pool, name, filters)
        since, until = filters.period
        return {
            "view": name,
            "title": declared.title,
            "about": declared.about,
            "since": since,
            "until": until,
            "rows": [_as_json(row) for row in page.rows],
            "next": page.next,
        }


def _asked_of(name: str, declared: View) -> type[BaseModel]:
    """Return what a view is asked for: the filters that it offers, days, and the page."""
    within = Field(description=f"the period: {declared.period}")
    kinds: dict[str, Any] = {
        "by": Annotated[str | None, Field(description=f"one of {', '.join(declared.levels)}")],
        "village": Village,
        "household_no": str | None,
        "state": Annotated[str | None, Field(description=f"one of {', '.join(states(name))}")],
        "month": Annotated[str | None, within],
        "quarter": Annotated[str | None, within],
        "since": Annotated[Day | None, within],
    }
    given: dict[str, Any] = {field: (kinds[field], None) for field in offered(name)}
    return create_model(
        f"view-{name}",
        **given,
        until=(Day | None, None),
        as_of=(AsOf, None),
        after=(str | None, None),
        limit=(Limit, 100),
    )


def _as_json(row: queries.Row) -> queries.Row:
    # A rate is a number, as on the command line; of one decimal a float has all.
    return {column: float(value) if isinstance(value, Decimal) else value for column, value in row.items()}


def _declared(name: str, view: View) -> dict[str, Any]:
    return {
        "name": name,
        "title": view.title,
        "about": view.about,
        "columns": [
            {"name": one.name, "title": one.text, "listed": one.listed, "words": dict(one.words)}
            for one in view.columns
        ],
        "levels": view.levels,
        "asked_by": [*offered(name), "until", "as_of"],
        "parameters": [
            {"name": one.name, "default": one.default, "unit": one.unit, "source": one.source}
            | ({"dated": one.dated} if one.dated else {})
            for one in view.parameters
        ],
    }
