"""A web application on the port of a process, until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from services.platform.connections import BoundedConnection
from services.platform.limits import IDLE_SECONDS
from services.platform.listening import check_tls
from services.platform.monitor import attended
from services.platform.requests import Timed
from services.platform.settings import Settings


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the process, which sets ``stop``.
        yield


async def serve_http(app: object, settings: Settings, stop: asyncio.Event) -> None:
    """Serve a web application until ``stop`` is set. Access is not logged: addresses name persons.

    Raises ListenerError where the settings of TLS cannot be used.
    """
    check_tls(settings)
    config = uvicorn.Config(
        Timed(app),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=10,
        timeout_keep_alive=int(IDLE_SECONDS),
        http=BoundedConnection,
        ws="none",
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    server = _Server(config)

    async def listens() -> str | None:
        return None if server.started else "does not listen yet"

    serving = asyncio.ensure_future(server.serve())
    stopping = asyncio.ensure_future(stop.wait())
    with attended("http", listens):
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving
