"""Turns: what was fetched is worked on in its order, and joined by what comes until it is its turn.

A batch costs a transaction, however small it is: while records come one by one, whoever takes the first one
at once works in batches of a few for ever, and those that come meanwhile queue.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from services.platform.offsets import Place

SMALL = 500
"""So few records are read in less time than they wait for their turn; more are read while they wait."""

AHEAD = 3
"""Times as many records as a batch takes may be fetched: one in work, one that is read, one to come."""


class Poll:
    """What one fetch brought: the token of the seek that it followed, and records by partition."""

    __slots__ = ("batches", "count", "token")

    def __init__(self, token: int, batches: Mapping[Place, Sequence[Any]]) -> None:
        self.token = token
        self.batches = batches
        self.count = sum(map(len, batches.values()))


Work = Callable[[Poll], Awaitable[None]]
"""Works on what was fetched. It raises nothing: what fails is its own to tell."""


class Turns:
    """Polls that wait and polls in work. ``limit``: how many records one batch takes."""

    def __init__(self, work: Work, limit: int) -> None:
        self._work = work
        self._limit = limit
        self._waiting: deque[Poll] = deque()
        self._working: list[asyncio.Future[None]] = []
        self._count = 0
        self._room = asyncio.Event()
        self._room.set()

    def add(self, poll: Poll) -> None:
        """Let a poll wait for its turn, which may be now."""
        self._waiting.append(poll)
        self._counted(poll.count)
        self._begin()

    @property
    def in_work(self) -> bool:
        """Whether something is worked on."""
        return bool(self._working)

    async def room(self) -> None:
        """Return when there is room for another poll."""
        await self._room.wait()

    def forget(self) -> None:
        """Forget what waits; what is in work goes on."""
        self._counted(-sum(poll.count for poll in self._waiting))
        self._waiting.clear()

    async def rest(self) -> None:
        """Return when nothing is in work."""
        while self._working:
            await asyncio.wait(self._working)

    async def abandon(self) -> None:
        """Forget what waits, and break off what is in work."""
        self.forget()
        for one in self._working:
            one.cancel()
        await self.rest()

    def _begin(self) -> None:
        """Begin what may begin: a batch, and the next one, if it is large, while PostgreSQL works on that."""
        while self._waiting and len(self._working) < 2:
            if self._working and sum(poll.count for poll in self._waiting) < min(SMALL, self._limit):
                return
            taken = self._taken()
            begun = asyncio.ensure_future(self._work(taken))
            self._working.append(begun)
            begun.add_done_callback(partial(self._done, taken.count))

    def _taken(self) -> Poll:
        """Take as one the polls that wait: as many as one batch takes, and as follow the same seek."""
        polls = [self._waiting.popleft()]
        left = self._limit - polls[0].count
        while self._waiting and self._waiting[0].token == polls[0].token and self._waiting[0].count <= left:
            left -= self._waiting[0].count
            polls.append(self._waiting.popleft())
        return _joined(polls)

    def _done(self, count: int, done: asyncio.Future[None]) -> None:
        self._working.remove(done)
        self._counted(-count)
        if not done.cancelled():
            self._begin()

    def _counted(self, more: int) -> None:
        self._count += more
        if self._count < AHEAD * self._limit:
            self._room.set()
        else:
            self._room.clear()


def _joined(polls: Sequence[Poll]) -> Poll:
    """Return what several polls brought by partition, one after the other."""
    if len(polls) == 1:
        return polls[0]
    found: dict[Place, list[Any]] = defaultdict(list)
    for poll in polls:
        for place, records in poll.batches.items():
            found[place] += records
    return Poll(polls[0].token, found)
