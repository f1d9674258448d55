"""Reporting over HTTP: the same rows as the command line, as JSON, Excel, and a live stream."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import Body, Depends, FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from events.values import SHANGHAI, Programme
from projections import labels
from projections.annex2.form import form
from services.platform.access import Holder
from services.platform.authorship import LogKeys
from services.platform.failure import is_infrastructure
from services.platform.keys import KeyFileError, Keys
from services.platform.openings import Opener
from services.platform.provenance import forged_count
from services.platform.settings import Settings
from services.platform.vault import SealBrokenError
from services.reporting import queries
from services.reporting.asked import AnomalySort, AsOf, Day, Limit, Since, Village
from services.reporting.described import REFUSALS
from services.reporting.export_routes import add_exports
from services.reporting.freshness import NotModifiedError, NotReadYetError, freshness
from services.reporting.guard import holder_by_key, refusal
from services.reporting.kinds import Kinds
from services.reporting.ledger_routes import add_ledgers
from services.reporting.opening import NothingSealedError, open_fact, open_token
from services.reporting.pages.entrance import to_entrance
from services.reporting.pages.refusals import is_page, refused
from services.reporting.pages.site import add_pages
from services.reporting.problems import problem
from services.reporting.quarterly.routes import add_quarters
from services.reporting.settings import ReportingSettings
from services.reporting.streams import add_streams
from services.reporting.view_routes import add_views

_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def application(
    pool: asyncpg.Pool,
    settings: ReportingSettings | None = None,
    stop: asyncio.Event | None = None,
    platform: Settings | None = None,
    kinds: Kinds | None = None,
) -> FastAPI:
    """Return the application, which listens as ``platform`` says. Live streams end with ``stop``.

    ``kinds``: what facts are called on its pages.
    """
    settings, platform = settings or ReportingSettings(), platform or Settings()
    names = settings.names(platform.host)
    app = FastAPI(
        title="dibao reporting",
        description="Ledgers, anomalies and Annex 2. Amounts are 分; persons and accounts are tokens.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=REFUSALS,
    )
    _errors(app)

    @app.middleware("http")
    async def private(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        answer = refusal(request, names) or await go_on(request)
        answer.headers["Cache-Control"] = "no-store"
        if answer.status_code == 200 and (tag := getattr(request.state, "tag", None)) is not None:
            answer.headers["ETag"] = tag
        answer.headers["Content-Security-Policy"] = _CONTENT_POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    holder = holder_by_key(pool)
    fresh = freshness(pool)
    guarded = [Depends(holder), Depends(fresh)]
    _health(app, pool)
    add_pages(app, pool, guarded, platform, kinds or {})
    add_ledgers(app, pool, guarded, settings.office)
    add_exports(app, pool, guarded, settings.office)
    add_views(app, pool, guarded, settings.office)
    add_quarters(app, pool, guarded, settings.office)
    add_streams(app, pool, [Depends(holder)], stop or asyncio.Event(), settings.most_streams)
    _anomalies(app, pool, guarded)
    _annex2(app, pool, guarded)
    _receipts(app, pool, guarded)
    _openings(app, pool, holder, platform)

    @app.get("/openapi.json", dependencies=guarded, include_in_schema=False)
    async def description() -> dict[str, Any]:
        return app.openapi()

    return app


_ANSWERS: dict[type[Exception], int] = {
    queries.DayNotClosedError: 409,
    NotReadYetError: 409,
    queries.NoProjectionError: 503,
    queries.WrongQuestionError: 422,
    queries.UnknownHouseholdError: 404,
    queries.OutOfAreaError: 403,
}
"""What an error is answered with: the status, and its own sentence."""

_OF_SERVERS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""Among these are the errors that say that PostgreSQL is away, or has no room (``is_infrastructure``)."""


def _errors(app: FastAPI) -> None:
    def answered(request: Request, error: Exception, status: int, sentence: str) -> Response:
        if is_page(request):
            return refused(request, status, error)
        waiting = {"Retry-After": "5"} if status == 503 else None
        return problem(status, sentence, headers=waiting, **_members(error))

    def handler(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def handle(request: Request, error: Exception) -> Response:
            return answered(request, error, status, str(error))

        return handle

    async def away(request: Request, error: Exception) -> Response:
        if not is_infrastructure(error):
            raise error
        return answered(request, error, 503, "PostgreSQL does not answer.")

    async def unfit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        said = (f"{item['loc'][-1]}: {item['msg']}" for item in error.errors())
        return answered(request, error, 422, "; ".join(dict.fromkeys(said)))

    async def other(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        if not is_page(request):
            return problem(error.status_code, str(error.detail), headers=error.headers)
        return to_entrance(request) if error.status_code == 401 else refused(request, error.status_code)

    async def unmodified(_: Request, error: Exception) -> Response:
        assert isinstance(error, NotModifiedError)
        return Response(status_code=304, headers={"ETag": error.tag})

    app.exception_handler(NotModifiedError)(unmodified)
    for kind, status in _ANSWERS.items():
        app.exception_handler(kind)(handler(status))
    for kind in _OF_SERVERS:
        app.exception_handler(kind)(away)
    app.exception_handler(RequestValidationError)(unfit)
    app.exception_handler(StarletteHTTPException)(other)


def _members(error: Exception) -> dict[str, str]:
    """What a problem document says beside its sentence: which field was wrong, and what was expected."""
    wrong = isinstance(error, queries.WrongQuestionError)
    return {"field": error.field, "expected": error.expected} if wrong else {}  # type: ignore[attr-defined]


def _health(app: FastAPI, pool: asyncpg.Pool) -> None:
    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the process answers and its database is there. Needs no key.

        ``forged`` is there where records on the log were refused, because none of dibao's processes wrote
        them: how many.
        """
        forged = await forged_count(pool)
        return {"status": "ok", "forged": forged} if forged else {"status": "ok"}


def _anomalies(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any]) -> None:
    @app.get("/anomalies", dependencies=guarded)
    async def anomalies(
        rule: str | None = None,
        state: Literal["open", "withdrawn", "all"] | None = None,
        severity: Literal["info", "low", "medium", "high"] | None = None,
        village: Village = None,
        household_no: str | None = None,
        since: Since = None,
        as_of: AsOf = None,
        after: str | None = None,
        limit: Limit = 100,
        sort: AnomalySort = None,
    ) -> dict[str, Any]:
        """Anomalies as they stand, by rule and id: open ones unless ``state`` says otherwise.

        With ``since``, which takes no ``sort``, what is another since the close of that day, of whatever
        state now: ``verb`` is raised, revised or withdrawn, ``then_…`` what was open then.
        """
        asked = queries.AnomalyFilter(
            rule,
            None if state == "all" or (state is None and since is not None) else state or "open",
            severity,
            village,
            household_no,
            as_of,
            after,
            limit,
            sort,
        )
        page = await (
            queries.anomalies(pool, asked) if since is None else queries.changes(pool, since, asked)
        )
        return {"rows": page.rows, "next": page.next}

    @app.get("/anomalies/sums", dependencies=guarded)
    async def sums(
        by: Annotated[
            Literal["rule", "village", "severity", "month"] | None, Query(description="what is counted apart")
        ] = None,
        rule: str | None = None,
        state: Literal["open", "withdrawn", "all"] = "open",
        severity: Literal["info", "low", "medium", "high"] | None = None,
        village: Village = None,
        household_no: str | None = None,
        as_of: AsOf = None,
    ) -> dict[str, Any]:
        """How many anomalies there are, and the money that they are about (分)."""
        asked = queries.AnomalyFilter(
            rule, None if state == "all" else state, severity, village, household_no, as_of
        )
        found = await queries.anomaly_sums(pool, asked, by)
        assert found is not None
        return {"by": by, "total": found.total, "groups": found.groups}

    @app.get("/anomalies/{anomaly_id}", dependencies=guarded)
    async def explain(anomaly_id: UUID, as_of: AsOf = None) -> dict[str, Any]:
        """Why an anomaly is there: sentence, rule and version, policy used, evidence in order, revisions."""
        found = await queries.explain(pool, anomaly_id, as_of)
        if found is None:
            raise HTTPException(404, "No anomaly of this id was announced.")
        return asdict(found)

    @app.get("/rules", dependencies=guarded)
    async def rules(until: Day | None = None, as_of: AsOf = None) -> dict[str, Any]:
        """The rules by name: title, version, requirements, parameters, and how many anomalies each has.

        ``confirmed`` and ``refuted`` say of how many somebody who looked into it by ``until`` said so last,
        ``precision`` the confirmed in percent of both.
        """
        return {"rows": await queries.rules(pool, until, as_of)}

    @app.get("/policy", dependencies=guarded)
    async def policy(
        on: Day | None = None, division: str | None = None, programme: Programme | None = None
    ) -> dict[str, Any]:
        """The parameters of the rules: what is in force on a day, since when, and by which document.

        ``division``: a division code, as a village has it; ``programme``: whose value is asked for.
        """
        day = on or datetime.now(SHANGHAI).date()
        return {"on": day, "rows": await queries.in_force(pool, day, division, programme)}


def _annex2(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any]) -> None:
    By = Literal["village", "street"]  # noqa: N806

    @app.get("/annex2", dependencies=guarded)
    async def annex2(
        until: Day, as_of: AsOf = None, programme: Programme = "rural_dibao", by: By | None = None
    ) -> dict[str, Any]:
        """The form: columns, cells (null: 未接入), checks; with ``by`` a row for every area."""
        return document(await queries.annex2(pool, until, as_of, programme, by))

    @app.get("/annex2/cells/{code}", dependencies=guarded)
    async def cell(
        code: Annotated[str, Path(pattern=r"^[A-C]\d[a-d]?[hp]?$")],
        until: Day,
        as_of: AsOf = None,
        programme: Programme = "rural_dibao",
        village: Village = None,
        after: str | None = None,
        limit: Limit = 100,
    ) -> dict[str, Any]:
        """What a cell counts, and its rows: the fact that makes each, and what it adds (``counted``)."""
        asked = (pool, code, until, as_of, programme, village)
        try:
            page = await queries.annex2_cell(*asked, after=after, limit=limit)
            count = await queries.count_of_cell(*asked)
        except queries.UnknownCellError:
            raise HTTPException(404, f"{code}: {labels.NOT_CONNECTED}") from None
        return {"cell": code, "count": count, "rows": page.rows, "next": page.next}


def document(filled: queries.Annex2) -> dict[str, Any]:
    """Return the filled form as JSON values: what ``GET /annex2`` answers."""
    of = form()
    return {
        "title": of.title,
        "until": filled.until,
        "as_of": filled.as_of,
        "programme": filled.programme,
        "columns": [asdict(column) for column in of.columns],
        "cells": filled.total,
        "rows": [{"village": area, "cells": cells} for area, cells in filled.rows],
        "checks": [
            {**asdict(result.check), "holds": result.holds, "residual": result.residual}
            for result in filled.checks
        ],
        "notes": of.notes,
    }


def _receipts(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any]) -> None:
    @app.get("/receipts/{receipt_id}", dependencies=guarded)
    async def receipt(receipt_id: UUID) -> queries.ReceiptTotals:
        """What the ledger holds of a file or batch."""
        found = await queries.receipt_totals(pool, str(receipt_id))
        if not found.facts:
            sentence = (
                f"No fact in the ledger came with {receipt_id}: it is unknown, or all of it was repeated."
            )
            raise HTTPException(404, sentence)
        return found


class Wanted(BaseModel):
    """What is to be opened, and why.

    ``token``: of a person (p.…) or an account (a.…); or ``event_id``: a fact, its texts or one ``field``.
    """

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(pattern=r"^[pa]\.[A-Za-z0-9_-]{1,40}$")] | None = None
    event_id: UUID | None = None
    field: Annotated[str, Field(max_length=200)] | None = None
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


def _openings(app: FastAPI, pool: asyncpg.Pool, holder: Any, platform: Settings) -> None:
    @app.post("/openings")
    async def open_sealed(
        wanted: Annotated[Wanted, Body()], by: Annotated[Holder, Depends(holder)]
    ) -> dict[str, Any]:
        """Open one person's name and number, one account, or one fact's text. Who, what and why is kept."""
        if not by.may_open:
            raise HTTPException(403, "This key may not open what is sealed (`dibao access add --may-open`).")
        if (wanted.token is None) == (wanted.event_id is None):
            raise HTTPException(422, "Give a token, or the event_id of a fact.")
        try:
            keys = Keys.from_settings(platform)
            LogKeys.from_settings(platform)
        except KeyFileError:
            sentence = (
                "This process lacks the master key or the log key, and can open nothing: `dibao open` can, "
                "where they are."
            )
            raise HTTPException(501, sentence) from None
        opener = Opener(pool, keys, f"{by.name} (HTTP)", wanted.reason)
        try:
            if wanted.token is not None:
                opened = await open_token(platform, opener, wanted.token)
            else:
                assert wanted.event_id is not None
                opened = await open_fact(platform, opener, wanted.event_id, wanted.field)
        except NothingSealedError as error:
            raise HTTPException(404, str(error)) from None
        except SealBrokenError as error:
            raise HTTPException(410, str(error)) from None
        return {"subject": opened.subject, "values": opened.values}
