"""A process waits for its servers at start-up and while running, for as long as it takes."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from services.platform.database import retry_connect
from services.platform.failure import InfrastructureLostError, Patience, is_infrastructure
from services.platform.log import cluster_id
from services.platform.monitor import attended, waiting
from services.platform.running import first_to_end
from services.platform.settings import Settings

Answering = Callable[[Settings, str], AbstractAsyncContextManager[None]]
"""Answers requests while a server is unavailable, with the sentence of a code."""

_ASK_SECONDS = 2.0
_GOOD_SECONDS = 60.0
"""A service that has run this long had started well: what ends it then is a new outage."""


async def serve_through_outages(
    what: str,
    settings: Settings,
    stop: asyncio.Event,
    serve: Callable[[], Awaitable[None]],
    *,
    kafka: bool,
    database: bool = True,
    answering: Answering,
) -> None:
    """Serve once PostgreSQL and Kafka answer, if it needs them; start over when one becomes unavailable.

    ``what`` is to serve, in the log. Where the settings name a port, requests are answered meanwhile by
    ``answering``. Raises what ends the service for another reason, and InfrastructureLostError where the
    service itself gives up.
    """
    patience = Patience(math.inf, what)
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        await first_to_end(stop.wait(), _wait_for_servers(what, settings, kafka, database, answering))
        if stop.is_set():
            return
        began = loop.time()
        try:
            await serve()
        except InfrastructureLostError:
            raise
        except Exception as error:
            if loop.time() - began > _GOOD_SECONDS:
                patience.reset()
            await patience.wait(_cause(error), stop)
        else:
            return


def _cause(error: Exception) -> Exception:
    """Return what ended a service of several parts: the fault that waiting cannot cure, if there is one."""
    if not isinstance(error, ExceptionGroup):
        return error
    causes = [_cause(part) for part in error.exceptions]
    return next((cause for cause in causes if not is_infrastructure(cause)), causes[0])


async def _wait_for_servers(
    what: str, settings: Settings, kafka: bool, database: bool, answering: Answering
) -> None:
    asking: list[tuple[str, str, Callable[[], Awaitable[Any]]]] = []
    if database:
        asking.append(("PostgreSQL", "postgresql-away", lambda: _connect(settings)))
    if kafka:
        asking.append(("Kafka", "kafka-away", lambda: cluster_id(settings, seconds=_ASK_SECONDS)))
    for server, sentence, ask in asking:
        patience = Patience(math.inf, f"{what}, for {server},")
        try:
            await ask()
            continue
        except Exception as error:
            if not is_infrastructure(error):
                raise
        with attended("servers", waiting(f"waits for {server}")):
            async with answering(settings, sentence) if settings.port else nullcontext():
                while True:
                    try:
                        await ask()
                    except Exception as error:
                        await patience.wait(error)
                    else:
                        patience.reset()
                        break


async def _connect(settings: Settings) -> None:
    async with asyncio.timeout(_ASK_SECONDS):
        connection = await retry_connect(settings.database_url, seconds=0)
    await connection.close()
