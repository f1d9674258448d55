"""What is answered while a server is away: 503, so that upstream comes again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.intake.answers import Fault
from services.intake.problems import problem
from services.intake.sentences import say
from services.platform.http import serve_http
from services.platform.settings import Settings


@asynccontextmanager
async def answering_away(settings: Settings, sentence: str) -> AsyncIterator[None]:
    """Answer every request with 503 and the sentence of a code, on the port of the settings."""

    async def away(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            refused = problem(503, [Fault("", say(sentence))], headers={"Retry-After": "5"})
            await refused(scope, receive, send)

    ended = asyncio.Event()
    serving = asyncio.ensure_future(serve_http(away, settings, ended))
    try:
        yield
    finally:
        ended.set()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
