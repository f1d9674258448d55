"""What others listen with, in tests: an HTTP server of theirs for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def listening(app: Any, port: int) -> AsyncIterator[None]:
    """Be there with an ASGI application for a while."""
    config = uvicorn.Config(app, port=port, log_level="warning", lifespan="off", interface="asgi3")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def body_of(receive: Any) -> bytes:
    """Return the whole body of a request."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            return bytes(body)
