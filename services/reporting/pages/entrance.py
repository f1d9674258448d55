"""The entrance: a reader's key is given once and kept by the browser until it is closed."""

from typing import Annotated
from urllib.parse import quote

import asyncpg
from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.platform.access import find_holder
from services.reporting.guard import COOKIE, key_of
from services.reporting.pages.looks import drawn

_LONGEST = 200


def add_entrance(app: FastAPI, pool: asyncpg.Pool) -> None:
    """Add the page that asks for a key, and what ends a visit."""

    @app.get("/enter", include_in_schema=False)
    async def entrance(request: Request) -> Response:
        return drawn(request, "enter.html", wrong=False, following=_following(request.query_params.get("to")))

    @app.post("/enter", include_in_schema=False)
    async def enter(
        request: Request,
        key: Annotated[str, Form(max_length=_LONGEST)],
        to: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        holder = await find_holder(pool, key.strip())
        following = _following(to)
        if holder is None:
            return drawn(request, "enter.html", status=401, wrong=True, following=following)
        answer = RedirectResponse(following, 303)
        answer.set_cookie(
            COOKIE, key.strip(), httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    @app.post("/leave", include_in_schema=False)
    async def leave() -> Response:
        answer = RedirectResponse("/enter", 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer


def to_entrance(request: Request) -> Response:
    """Return the way to the entrance, and from there back to what was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    stale = key_of(request) != ""
    answer = RedirectResponse(f"/enter?to={quote(wanted, safe='')}", 303)
    if stale:
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _following(wanted: str | None) -> str:
    """Return a page of our own to go on to, and never one of another site."""
    own = wanted is not None and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if own and wanted is not None and "\n" not in wanted and "\r" not in wanted else "/"
