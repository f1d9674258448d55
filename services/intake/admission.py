"""How much each source may hand over: at a time, and by the second; one that sends more waits for itself."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import Literal

from services.intake.sources import OPERATOR
from services.platform import metrics
from services.platform.limits import (
    BURST_SECONDS,
    REQUESTS_OF_A_SOURCE,
    UPLOADS_OF_A_SOURCE,
    WAITING_SECONDS,
)

Kind = Literal["events", "files"]
_MOST: dict[Kind, int] = {"events": REQUESTS_OF_A_SOURCE, "files": UPLOADS_OF_A_SOURCE}


class CrowdedError(Exception):
    """A source has ``most`` requests of a kind under way, and had so for a while."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class TooFastError(Exception):
    """A source handed over more facts than its rate; in ``seconds`` it may go on.

    ``rate``: facts a second; ``burst``: so many at once.
    """

    def __init__(self, rate: float, burst: int, seconds: int) -> None:
        super().__init__(rate, burst, seconds)
        self.rate = rate
        self.burst = burst
        self.seconds = seconds


class Bucket:
    """A token bucket that may be overdrawn: how many facts a body has is known only when it was read.

    Whoever overdrew it waits until it is even again, so over any longer time a source has its rate and no
    more, and nothing that was begun is broken off.
    """

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.burst = max(1, math.ceil(rate * BURST_SECONDS))
        self._left = float(self.burst)
        self._at = now

    def wait(self, now: float) -> float:
        """Return for how many seconds its source has to wait; 0: it may go on."""
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        return 0.0 if self._left > 0 else (1 - self._left) / self.rate

    def take(self, facts: int) -> None:
        """Count facts that were handed over."""
        self._left -= facts


class Admission:
    """The requests of all sources that are under way in a process, and what each handed over lately.

    ``rate``: facts a second of every source, ``rates``: of those that have one of their own; 0: as many as
    come. For who has the machine none holds.
    """

    def __init__(self, rate: float = 0, rates: Mapping[str, float] | None = None) -> None:
        self._rate = rate
        self._rates = dict(rates or {})
        self._rooms: dict[tuple[Kind, str], asyncio.Semaphore] = {}
        self._buckets: dict[str, Bucket] = {}

    def _bucket(self, source: str) -> Bucket | None:
        found = self._buckets.get(source)
        if found is None and source != OPERATOR.name and (rate := self._rates.get(source, self._rate)) > 0:
            found = self._buckets[source] = Bucket(rate, monotonic())
        return found

    @asynccontextmanager
    async def admitted(self, kind: Kind, source: str) -> AsyncIterator[None]:
        """Hold one of the places of a source, when one is free.

        Raises TooFastError at once where it has handed over more than its rate, CrowdedError where no place
        gets free.
        """
        bucket = self._bucket(source)
        if bucket is not None and (seconds := bucket.wait(monotonic())) > 0:
            metrics.LIMITED.labels(source, "rate").inc()
            raise TooFastError(bucket.rate, bucket.burst, math.ceil(seconds))
        most = _MOST[kind]
        room = self._rooms.setdefault((kind, source), asyncio.Semaphore(most))
        try:
            async with asyncio.timeout(WAITING_SECONDS):
                await room.acquire()
        except TimeoutError:
            metrics.LIMITED.labels(source, kind).inc()
            raise CrowdedError(most) from None
        try:
            yield
        finally:
            room.release()

    def count(self, source: str, facts: int) -> None:
        """Count facts that a source has handed over, whatever becomes of them."""
        if (bucket := self._bucket(source)) is not None:
            bucket.take(facts)
