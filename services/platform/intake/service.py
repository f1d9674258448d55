"""One process of a context: HTTP and the intake topic, until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from services.platform.intake.context import Declaration, open_intake
from services.platform.intake.http import application
from services.platform.settings import Settings


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the process, which sets ``stop``.
        yield


async def serve_http(app: object, settings: Settings, stop: asyncio.Event) -> None:
    """Serve a web application until ``stop`` is set. Access is not logged: addresses name persons."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=10,
        ws="none",
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


async def serve_context(declaration: Declaration, settings: Settings, stop: asyncio.Event) -> None:
    """Run the service of a context."""
    async with open_intake(declaration, settings) as intake:
        await serve_http(application(intake), settings, stop)
