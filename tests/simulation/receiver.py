"""A model of whoever is told by webhooks, at the seam of httpx's transport.

It keeps what it has taken by the id under which it came. It may be away, busy or slow, refuse, and die
between taking a message and saying so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.simulation.faults import UNANSWERED, UNSENT, Faults
from tests.simulation.loop import SimulatedLoop

HERE, AWAY, BUSY, SLOW, REFUSING, DYING = range(6)
"""How it is: as it should; nobody listens; 503; it answers late; 400; it takes and never says so."""

_SAID = ("is here", "goes away", "is busy", "is slow", "refuses", "dies of what it takes")
_SLOW_SECONDS = (1.0, 3.0)
"""A moment, and longer than an attempt may take."""

Heard = Callable[["ModelReceiver", httpx.Headers, bytes, int], None]


class ModelReceiver:
    """One address. ``heard`` is told of every request that arrives, before it is answered."""

    def __init__(self, loop: SimulatedLoop, faults: Faults, name: str, heard: Heard) -> None:
        self._loop = loop
        self._faults = faults
        self._heard = heard
        self.name = name
        self.process = loop.process(name)
        self.mood = HERE
        self.pause = 0.0
        """Seconds until it answers, however it is."""
        self.requests: list[str] = []
        """Ids of what came, in its order, whatever was answered."""
        self.taken: dict[str, bytes] = {}
        """What was taken, by its id: as an office has it that takes a repeat for what it is."""

    def turn(self, mood: int) -> str:
        """Be in another mood; return what is said of it."""
        self.mood = mood
        return f"{self.name} {_SAID[mood]}"

    async def ask(self, request: httpx.Request, body: bytes) -> httpx.Response:
        """Answer a request. Raises what httpx does where the line fails, or nobody is there."""
        loop, faults = self._loop, self._faults
        asking = loop.current
        fate, there, back = faults.line()
        answer: asyncio.Future[int] = loop.create_future()

        def arrive() -> None:
            if fate == UNSENT or self.mood == AWAY:
                loop.call_for(asking, back, lose, httpx.ConnectError("nobody listens", request=request))
                return
            status = {BUSY: 503, REFUSING: 400}.get(self.mood, 204)
            name = request.headers["webhook-id"]
            self.requests.append(name)
            self._heard(self, request.headers, body, status)
            if status == 204:
                self.taken[name] = body
            if fate == UNANSWERED or self.mood == DYING:
                lost = httpx.RemoteProtocolError("the connection was lost", request=request)
                loop.call_for(asking, back, lose, lost)
                return
            late = _SLOW_SECONDS[len(self.requests) % 2] if self.mood == SLOW else 0.0
            loop.call_for(asking, back + late + self.pause, hear, status)

        def lose(error: Exception) -> None:
            if not answer.done():
                answer.set_exception(error)

        def hear(status: int) -> None:
            if not answer.done():
                answer.set_result(status)

        loop.call_for(self.process, there, arrive)
        return httpx.Response(await answer, request=request)


class ModelTransport(httpx.AsyncBaseTransport):
    """httpx's way to receivers, by the host's name."""

    def __init__(self, receivers: Mapping[str, ModelReceiver]) -> None:
        self._receivers = receivers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask whoever is there."""
        body: Any = await request.aread()
        return await self._receivers[request.url.host].ask(request, body)
