"""The one shape of an answer that refuses: a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from services.intake.answers import Fault, fault_of_ours
from services.intake.sentences import say

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    faults: Sequence[Fault],
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return the answer that refuses a request: every fault, and in ``detail`` all of them for a clerk."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "；".join(f"{fault.field}：{fault.sentence.chinese}" for fault in faults),
        "errors": [fault.as_json() for fault in faults],
        **(more or {}),
    }
    return Response(orjson.dumps(body), status, dict(headers or {}), MEDIA_TYPE)


def failed(error: Exception) -> Response:
    """Return the answer where our own code failed; the log says where, and neither says a value."""
    return problem(500, fault_of_ours(error).faults)


def _methods(app: FastAPI, request: Request) -> set[str]:
    # The framework names those of the first route of the address only.
    return {
        method
        for route in app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


def answer_for_the_framework(app: FastAPI) -> None:
    """Make an application's own refusals, of addresses and methods that it does not have, problems too."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            methods = ", ".join(sorted(_methods(app, request)))
            return problem(405, [Fault("method", say("method", methods=methods))], headers={"Allow": methods})
        return problem(404, [Fault("path", say("no-such-path"))])

    async def fails(request: Request, error: Exception) -> Response:
        return failed(error)

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, fails)
