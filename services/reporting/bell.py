"""The bell that wakes all who follow what comes: one listening connection a bell, whoever follows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.platform.failure import is_infrastructure
from services.platform.running import within

ANOMALIES = "dibao_anomalies"
"""PostgreSQL channel that the projector notifies when it has written announcements."""
ALERTS = "dibao_alerts"
"""The channel that alerting notifies when it has made notices."""


class Bell:
    """Rings when something may have come on a channel, and every ``poll_seconds``, as a ring may be missed.

    It listens as long as somebody hears it.
    """

    def __init__(self, pool: asyncpg.Pool, channel: str = ANOMALIES, *, poll_seconds: float = 5.0) -> None:
        self.pool = pool
        self._channel = channel
        self._poll_seconds = poll_seconds
        self._heard: set[asyncio.Event] = set()
        self._listening: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set at every ring."""
        rung = asyncio.Event()
        self._heard.add(rung)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            yield rung
        finally:
            self._heard.discard(rung)
            if not self._heard and (listening := self._listening) is not None:
                self._listening = None
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    def _ring(self, *_: object) -> None:
        for rung in self._heard:
            rung.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self.pool.acquire() as connection:
                    await self._listen_on(connection)
            except Exception as error:
                # Those who follow ask for themselves, and are told.
                if not is_infrastructure(error):
                    raise
            finally:
                self._ring()
            await asyncio.sleep(self._poll_seconds)

    async def _listen_on(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()

        def ended(*_: object) -> None:
            lost.set()

        connection.add_termination_listener(ended)
        await connection.add_listener(self._channel, self._ring)
        try:
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await within(self._poll_seconds, lost.wait())
                self._ring()
        finally:
            connection.remove_termination_listener(ended)
            if not connection.is_closed():
                await connection.remove_listener(self._channel, self._ring)
