"""Who may ask: for which host, from which page, with which key."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import asyncpg
from fastapi import HTTPException, Request
from fastapi.responses import Response

from services.platform.access import Holder, find_holder
from services.reporting.problems import problem
from services.reporting.reach import keep_to

_WAYS = {"WWW-Authenticate": 'Bearer, Basic realm="dibao", charset="UTF-8"'}
_UNLOCKED = "/health"
COOKIE = "dibao_key"
"""What a browser keeps the key in, after the entrance; it is sent to this site's own pages only."""
_NEEDED = (
    "Give a reader's key, or the operator's: Authorization: Bearer … (`dibao access add` makes one); "
    "a browser asks for it as the password, with any user name."
)


def refusal(request: Request, names: frozenset[str]) -> Response | None:
    """Return why a request is not answered, whoever asks: it is for another host, or from another's page.

    A page of somebody else can have a browser ask this process under that page's own name (DNS rebinding).
    """
    if request.url.path == _UNLOCKED:
        return None
    host = _name(request.headers.get("host", ""))
    if host not in names:
        sentence = "This host name is not one of reporting's: DIBAO_HOSTS lists those it is asked under."
        return problem(421, sentence)
    origin = request.headers.get("origin")
    if origin is not None and _name(urlsplit(origin).netloc) not in names:
        return problem(403, "A page of another site may not ask reporting.")
    return None


def holder_by_key(pool: asyncpg.Pool) -> Callable[[Request], Awaitable[Holder]]:
    """Return what tells whose key a request has, and refuses one without a good key."""

    async def holder(request: Request) -> Holder:
        key = key_of(request)
        found = await find_holder(pool, key) if key else None
        if found is None:
            raise HTTPException(401, _NEEDED, headers=_WAYS)
        keep_to(found.area)
        return found

    return holder


def key_of(request: Request) -> str:
    """Return the key that a request has; empty where it has none."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if not scheme and request.method in ("GET", "HEAD"):
        return request.cookies.get(COOKIE, "")
    if scheme.lower() == "bearer":
        return said.strip()
    # What a browser sends by itself opens nothing that changes or records anything.
    if scheme.lower() != "basic" or request.method != "GET":
        return ""
    try:
        return b64decode(said, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _name(netloc: str) -> str:
    """The host without its port, as DIBAO_HOSTS has it: [::1] in its brackets."""
    host = netloc.rpartition("@")[2].lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
