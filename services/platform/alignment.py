"""A backlog is handed over in the order in which it was recorded, across topics and partitions.

Kafka orders the records of one partition. Whoever reads a backlog topic by topic meets four years of payments
before the enrolments that they rest on, and announces tens of thousands of anomalies only to withdraw them.
So records are kept back for a moment until no partition of which there is more to come can have an earlier
one. At the end of the log nothing is kept back. Order decides no result, only what is announced on the way.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.platform.offsets import Place

MANY = 20_000
"""Records kept of all partitions, from which on only those are fetched that hold up the others.

Not fewer: what aiokafka has fetched and nobody takes out holds up its next fetch from that broker by 0.1 s.
"""

HOLD_SECONDS = 1.0
"""How long a partition that brings nothing, though there is more of it, may hold up the others."""

LIVE_SECONDS = 2.0
"""What was recorded no longer ago is no backlog, and is handed over as it comes."""

End = Callable[[Place], int | None]
"""Says where a partition ended when it was last looked at; None where it has not been yet."""


def end_of(consumer: AIOKafkaConsumer) -> End:
    """Return what a consumer knows of the ends of its partitions."""

    def end(place: Place) -> int | None:
        partition = TopicPartition(*place)
        if partition not in consumer.assignment():
            return None
        last: int | None = consumer.highwater(partition)
        return last

    return end


_time: Callable[[Any], int] = attrgetter("timestamp")
"""Milliseconds since 1970."""


class Alignment:
    """What was fetched and is not handed over yet. ``limit``: how many records are handed over at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[Place, Sequence[Any]] = {}
        self._following: dict[Place, int] = {}
        self._held_since: float | None = None

    def begin(self, positions: Mapping[Place, int]) -> None:
        """Forget what was fetched: partitions are read from these offsets now."""
        self._kept = {}
        self._following = dict(positions)
        self._held_since = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept."""
        return not self._kept

    def wanted(self, places: Collection[Place]) -> list[Place]:
        """Return the partitions of which more is to be fetched."""
        if sum(map(len, self._kept.values())) < MANY:
            return list(places)
        return [place for place in places if place not in self._kept]

    def add(self, batches: Mapping[Place, Sequence[Any]]) -> None:
        """Keep what was fetched."""
        for place, records in batches.items():
            if records:
                kept = self._kept.get(place)
                self._kept[place] = [*kept, *records] if kept else records
                self._following[place] = records[-1].offset + 1

    def ready(self, end: End, now: float) -> dict[Place, Sequence[Any]]:
        """Take out what may be handed over, each partition in its order. ``now``: seconds since 1970."""
        if not self._kept:
            self._held_since = None
            return {}
        first = min(_time(records[0]) for records in self._kept.values())
        until = None if first > (now - LIVE_SECONDS) * 1000 else self._complete_until(end)
        if until is not None and not any(_time(records[0]) <= until for records in self._kept.values()):
            if self._held_since is None:
                self._held_since = now
            if now - self._held_since < HOLD_SECONDS:
                return {}
            until = None
        self._held_since = None
        return self._take(self._limited(until))

    def _complete_until(self, end: End) -> int | None:
        """Return the time up to which everything is fetched; None: all there is."""
        until: int | None = None
        for place, following in self._following.items():
            last = end(place)
            if last is not None and last > following:
                kept = self._kept.get(place)
                time = _time(kept[-1]) if kept else -1
                until = time if until is None else min(until, time)
        return until

    def _limited(self, until: int | None) -> int | None:
        """Return the time up to which no more than the limit is handed over, but for those of one moment."""
        kept = self._kept.values()
        if sum(map(len, kept)) <= self._limit:
            return until
        firsts = [_time(records[0]) for records in kept]
        # Of a partition that goes back in time the last may be before the first, which has to go some time.
        most = max(*firsts, *(_time(records[-1]) for records in kept)) if until is None else until
        if self._count(most) <= self._limit:
            return most
        # By halves: what is kept may be ten times as much, and is not to be sorted for every batch.
        first = min(firsts)
        return first + bisect_left(range(first, most), self._limit, key=self._count)

    def _count(self, until: int) -> int:
        return sum(bisect_right(records, until, key=_time) for records in self._kept.values())

    def _take(self, until: int | None) -> dict[Place, Sequence[Any]]:
        if until is None:
            taken, self._kept = self._kept, {}
            return dict(taken)
        # A topic whose times are the writers' own may go back in time: then what is behind waits.
        counts = {place: bisect_right(records, until, key=_time) for place, records in self._kept.items()}
        excess = sum(counts.values()) - self._limit
        found: dict[Place, Sequence[Any]] = {}
        left: dict[Place, Sequence[Any]] = {}
        for place, records in self._kept.items():
            count = counts[place]
            if excess > 0:
                # Of one and the same moment some wait.
                spare = min(excess, count - bisect_left(records, until, key=_time))
                excess, count = excess - spare, count - spare
            if count:
                found[place] = records[:count]
            if count < len(records):
                left[place] = records[count:]
        self._kept = left
        return found
