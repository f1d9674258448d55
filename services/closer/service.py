"""The process ``dibao serve closer``: closes each day when it is over in Asia/Shanghai."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from events.values import SHANGHAI
from services.closer.closing import Closer, DayRefusedError
from services.platform.failure import is_infrastructure
from services.platform.monitor import attended
from services.platform.running import pause
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 30.0

MISSED_AT_MOST = 62
"""Nights that are made up for by themselves. After a longer silence the deployment may be one that lives in
the past (a simulation, a restored backup): a person closes its days."""


def _now() -> datetime:
    return datetime.now(UTC)


async def serve(settings: Settings, stop: asyncio.Event, *, now: Callable[[], datetime] = _now) -> None:
    """Close each day at its midnight until ``stop`` is set, and at the start those of the nights it was down.

    The first day ever closed is the one of the start, or the one that a person closes.
    """

    def today() -> date:
        return now().astimezone(SHANGHAI).date()

    first, waits = today(), "has not closed yesterday yet"

    async def ready() -> str | None:
        return waits or None

    with attended("closer", ready):
        while not stop.is_set():
            try:
                async with Closer.open(settings, today) as closer:
                    await _close_all(closer, first, today, stop)
            except Exception as error:
                if not (isinstance(error, DayRefusedError) or is_infrastructure(error)):
                    raise
                waits = f"cannot close a day: {type(error).__name__}"
                _LOG.warning("closing days waits: %s", type(error).__name__)
                await pause(_RETRY_SECONDS, stop)
                continue
            waits = ""
            midnight = datetime.combine(today() + timedelta(days=1), time(), SHANGHAI)
            await pause((midnight - now()).total_seconds(), stop)


async def _close_all(closer: Closer, first: date, today: Callable[[], date], stop: asyncio.Event) -> None:
    latest = await closer.latest()
    day = first if latest is None else latest + timedelta(days=1)
    if (missed := (today() - day).days) > MISSED_AT_MOST:
        _LOG.warning(
            "%d days since %s are not closed, which is more than were missed by accident: close the last one "
            "with `dibao close-day`, and the following are closed again each night",
            missed,
            day,
        )
        return
    while day < today() and not stop.is_set():
        closed = await closer.close(day)
        _LOG.info("%s is closed", closed.day)
        day += timedelta(days=1)
