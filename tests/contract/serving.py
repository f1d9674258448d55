"""An intake that listens on a port, for programs that are not ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.platform.intake.context import Declaration
from services.platform.intake.service import serve_contexts
from services.platform.settings import Settings


@asynccontextmanager
async def served(settings: Settings, *contexts: str) -> AsyncIterator[str]:
    """Serve contexts; give the address."""
    stop = asyncio.Event()
    declared = [Declaration(context, context) for context in contexts]
    serving = asyncio.ensure_future(serve_contexts(declared, settings, stop))
    address = f"http://127.0.0.1:{settings.port}"
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(60):
            while True:
                try:
                    await http.get(f"{address}/health")
                    break
                except httpx.TransportError:
                    assert not serving.done()
                    await asyncio.sleep(0.05)
        yield address
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await serving
