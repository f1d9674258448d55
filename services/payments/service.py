"""The process ``dibao serve payments``."""

import asyncio

from services.platform.intake.context import Declaration
from services.platform.intake.service import serve_context
from services.platform.settings import Settings

DECLARATION = Declaration("payments", "资金发放")


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Take facts over HTTP, as files and from the intake topic, until ``stop`` is set."""
    await serve_context(DECLARATION, settings, stop)
