"""Reporting that listens on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn

from deploy.vocabulary import kinds
from services.reporting.application import application


@asynccontextmanager
async def listening(pool: asyncpg.Pool) -> AsyncIterator[str]:
    """Let reporting listen for a while, and give its address."""
    server = uvicorn.Server(uvicorn.Config(application(pool, kinds=kinds()), port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "reporting did not start"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
