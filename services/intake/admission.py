"""How much each source may have under way at a time: one that sends all it has at once waits for itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from services.platform.limits import REQUESTS_OF_A_SOURCE, UPLOADS_OF_A_SOURCE, WAITING_SECONDS

Kind = Literal["events", "files"]
_MOST: dict[Kind, int] = {"events": REQUESTS_OF_A_SOURCE, "files": UPLOADS_OF_A_SOURCE}


class CrowdedError(Exception):
    """A source has ``most`` requests of a kind under way, and had so for a while."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class Admission:
    """The requests of all sources that are under way in a process."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[Kind, str], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def admitted(self, kind: Kind, source: str) -> AsyncIterator[None]:
        """Hold one of the places of a source, when one is free. Raises CrowdedError where none gets free."""
        most = _MOST[kind]
        room = self._rooms.setdefault((kind, source), asyncio.Semaphore(most))
        try:
            async with asyncio.timeout(WAITING_SECONDS):
                await room.acquire()
        except TimeoutError:
            raise CrowdedError(most) from None
        try:
            yield
        finally:
            room.release()
