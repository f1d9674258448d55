"""One process of one or several contexts: HTTP and intake topics, until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import uvicorn

from services.intake.context import open_intake
from services.intake.declaration import Declaration
from services.intake.forgetting import forget
from services.intake.housekeeping import keep_house
from services.intake.http import gateway
from services.intake.topic import consume_intake
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


async def serve_contexts(
    declarations: Sequence[Declaration], settings: Settings, stop: asyncio.Event
) -> None:
    """Run the service of contexts: what ends one of its parts ends all."""
    async with open_intake(declarations, settings) as intakes:
        ended = asyncio.Event()

        async def part(work: Coroutine[Any, Any, None]) -> None:
            try:
                await work
            finally:
                ended.set()

        async def until_stopped() -> None:
            await stop.wait()
            ended.set()

        waiting = asyncio.ensure_future(until_stopped())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(part(serve_http(gateway(intakes), settings, ended)))
                group.create_task(part(keep_house(intakes, ended)))
                group.create_task(part(forget(intakes, ended)))
                for intake in intakes:
                    group.create_task(part(consume_intake(intake, ended)))
        finally:
            waiting.cancel()
