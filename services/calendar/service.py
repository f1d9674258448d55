"""The process ``dibao serve calendar``: closes each day when it is over in Asia/Shanghai."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from events.values import SHANGHAI
from services.calendar.closing import DayRefusedError, close_day
from services.platform.failure import is_infrastructure
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 30.0


def _now() -> datetime:
    return datetime.now(UTC)


async def serve(settings: Settings, stop: asyncio.Event, *, now: Callable[[], datetime] = _now) -> None:
    """Close yesterday at every midnight until ``stop`` is set. Days before the start are left to a person."""
    while not stop.is_set():
        today = now().astimezone(SHANGHAI).date()
        midnight = datetime.combine(today + timedelta(days=1), time(), SHANGHAI)
        if await _stopped(stop, (midnight - now()).total_seconds()):
            return
        while not stop.is_set():
            try:
                closed = await close_day(settings, today)
                _LOG.info("%s is closed", closed.day)
                break
            except DayRefusedError as error:
                _LOG.warning("%s", error)
                break
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                _LOG.warning("closing %s waits: %s", today, type(error).__name__)
                await _stopped(stop, _RETRY_SECONDS)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await stop.wait()
    except TimeoutError:
        return False
    return True
