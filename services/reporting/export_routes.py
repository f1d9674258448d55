"""Anomalies and Annex 2 as files over HTTP; the ledgers' are in ``ledger_routes``."""

from typing import Annotated, Any, Literal

import asyncpg
from fastapi import Depends, FastAPI, Query
from fastapi.responses import Response

from events.values import Programme
from services.reporting import queries
from services.reporting.asked import AnomalySort, AsOf, Day, Village
from services.reporting.described import file_of
from services.reporting.exports.annex2_files import annex2_file
from services.reporting.exports.annex2_text import annex2_csv
from services.reporting.exports.answers import csv_answer, csv_type, file_answer, named, sent
from services.reporting.exports.sources import anomaly_listing
from services.reporting.exports.text import Encoding

By = Literal["village", "street"]


def add_exports(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    """Add the routes; ``guarded``: what each depends on; ``office``: who reports."""
    _anomalies(app, pool, guarded, office)
    _annex2(app, pool, guarded, office)


def _filters(
    rule: str | None = None,
    state: Literal["open", "withdrawn", "all"] = "open",
    severity: Literal["info", "low", "medium", "high"] | None = None,
    village: Village = None,
    household_no: str | None = None,
    as_of: AsOf = None,
    sort: AnomalySort = None,
) -> queries.AnomalyFilter:
    return queries.AnomalyFilter(
        rule, None if state == "all" else state, severity, village, household_no, as_of, sort=sort
    )


Filters = Annotated[queries.AnomalyFilter, Depends(_filters)]


def _anomalies(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    @app.get("/anomalies.csv", dependencies=guarded, response_class=Response, responses=file_of("csv"))
    async def as_csv(asked: Filters, encoding: Encoding = "utf-8") -> Response:
        """Anomalies as a .csv: rule, severity, state, sentence, village, days."""
        return await csv_answer(anomaly_listing(pool, asked, office), "anomalies.csv", encoding)

    @app.get("/anomalies.xlsx", dependencies=guarded, response_class=Response, responses=file_of("xlsx"))
    async def as_xlsx(asked: Filters) -> Response:
        """Anomalies as an Excel sheet to be printed."""
        return await file_answer(anomaly_listing(pool, asked, office), "xlsx", "anomalies.xlsx")

    @app.get("/anomalies.pdf", dependencies=guarded, response_class=Response, responses=file_of("pdf"))
    async def as_pdf(asked: Filters) -> Response:
        """Anomalies on paper."""
        return await file_answer(anomaly_listing(pool, asked, office), "pdf", "anomalies.pdf")


def _annex2(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], office: str) -> None:
    async def form(
        until: Day, as_of: AsOf = None, programme: Programme = "rural_dibao", by: By | None = None
    ) -> queries.Annex2:
        return await queries.annex2(pool, until, as_of, programme, by)

    # A key is asked for before anything is read.
    Filled = Annotated[queries.Annex2, Depends(form)]  # noqa: N806

    @app.get("/annex2.xlsx", dependencies=guarded, response_class=Response, responses=file_of("xlsx"))
    async def as_xlsx(filled: Filled) -> Response:
        """The form as an Excel sheet in its official layout."""
        return sent(await annex2_file(filled, "xlsx", office), "xlsx", _name(filled, "xlsx"))

    @app.get("/annex2.pdf", dependencies=guarded, response_class=Response, responses=file_of("pdf"))
    async def as_pdf(filled: Filled) -> Response:
        """The form on paper, in its official layout."""
        return sent(await annex2_file(filled, "pdf", office), "pdf", _name(filled, "pdf"))

    @app.get("/annex2.csv", dependencies=guarded, response_class=Response, responses=file_of("csv"))
    async def as_csv(filled: Filled, encoding: Annotated[Encoding, Query()] = "utf-8") -> Response:
        """The form as a .csv: a line a column of the form, and its checks."""
        return Response(
            annex2_csv(filled, encoding), media_type=csv_type(encoding), headers=named(_name(filled, "csv"))
        )


def _name(filled: queries.Annex2, kind: str) -> str:
    return f"annex2-{filled.programme}-{filled.until}.{kind}"
