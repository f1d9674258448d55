"""Reporting as a process."""

import asyncio

from services.platform.database import open_pool
from services.platform.http import serve_http
from services.platform.settings import Settings
from services.reporting.application import application
from services.reporting.kinds import Kinds
from services.reporting.settings import ReportingSettings


async def serve(settings: Settings, stop: asyncio.Event, kinds: Kinds | None = None) -> None:
    """Answer on ``settings.host:settings.port`` until ``stop``. ``kinds``: what facts are called on pages."""
    pool = await open_pool(settings.database_url, size=8)
    try:
        app = application(pool, ReportingSettings(), stop, settings, kinds)
        await serve_http(app, settings, stop)
    finally:
        await pool.close()
