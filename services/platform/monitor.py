"""Whether a process lives and does its work, and what it counts: /livez, /readyz and /metrics.

They listen on a port of their own (``DIBAO_MONITOR_PORT``), which only those who operate it can reach, and
need no key: no answer names a person, a household or an anomaly. A *part* of the process (a pipeline, what
listens, a relay) is attended while it works, and asked by its probe whether it is ready.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.platform import metrics
from services.platform.listening import ListenerError
from services.platform.settings import Settings

Probe = Callable[[], Awaitable[str | None]]
"""Brings a part's gauges up to date, and says why it is not ready, or None."""

_PROBE_SECONDS = 5.0
_PARTS: dict[str, Probe] = {}


@contextmanager
def attended(part: str, probe: Probe) -> Iterator[None]:
    """Attend to a part of this process for as long as it works."""
    _PARTS[part] = probe
    try:
        yield
    finally:
        if _PARTS.get(part) is probe:
            del _PARTS[part]
            metrics.READY.labels(part).set(0)


def waiting(reason: str) -> Probe:
    """Return the probe of a part that waits."""

    async def probe() -> str | None:
        return reason

    return probe


async def reasons() -> dict[str, str]:
    """Return the parts that are not ready, and why; a process without any part is only starting."""
    found: dict[str, str] = {}
    for part, probe in list(_PARTS.items()):
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                reason = await probe()
        except Exception as error:
            reason = f"cannot be asked: {type(error).__name__}"
        metrics.READY.labels(part).set(reason is None)
        if reason is not None:
            found[part] = reason
    return found if _PARTS else {"process": "starts"}


async def _livez(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _readyz(_: web.Request) -> web.Response:
    found = await reasons()
    if found:
        return web.json_response({"status": "waiting", "parts": found}, status=503)
    return web.json_response({"status": "ok", "parts": dict.fromkeys(_PARTS, "ok")})


async def _metrics(_: web.Request) -> web.Response:
    await reasons()
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def monitored(settings: Settings) -> AsyncIterator[None]:
    """Answer while the process works, where the settings name a port. Raises ListenerError."""
    if not settings.monitor_port:
        yield
        return
    app = web.Application()
    app.add_routes([web.get("/livez", _livez), web.get("/readyz", _readyz), web.get("/metrics", _metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.monitor_host, settings.monitor_port).start()
        except OSError as error:
            raise ListenerError(
                f"DIBAO_MONITOR_PORT names port {settings.monitor_port} of {settings.monitor_host}, where "
                f"this process cannot listen: {error.strerror or error}"
            ) from None
        yield
    finally:
        await runner.cleanup()
