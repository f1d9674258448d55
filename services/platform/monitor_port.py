"""The port where a process is watched (``monitor``)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.platform.listening import ListenerError
from services.platform.monitor import reasons
from services.platform.settings import Settings


async def _livez(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _readyz(_: web.Request) -> web.Response:
    found = await reasons()
    waiting = {part: reason for part, reason in found.items() if reason is not None}
    if waiting:
        return web.json_response({"status": "waiting", "parts": waiting}, status=503)
    return web.json_response({"status": "ok", "parts": dict.fromkeys(found, "ok")})


async def _metrics(_: web.Request) -> web.Response:
    await reasons()
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[None]:
    """Answer where the settings say. Raises ListenerError where that cannot be."""
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
