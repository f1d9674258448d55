"""Closing a day: one fact a day, with the cut of the whole log at that moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiokafka import AIOKafkaProducer

from events.calendar import DayClosed
from events.catalogue import CONTEXTS, log_topic
from events.codec import encode
from events.digest import canonical_content, digest_of
from events.envelope import Event, event_id_of
from events.values import SHANGHAI
from services.platform.keys import Keys
from services.platform.log import Ends, cut_of, open_ends, read_log
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings

TYPE = "dibao.calendar.day_closed.v1"
SOURCE = "/dibao/calendar"


class DayRefusedError(Exception):
    """The day cannot be closed; the message says why."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day. ``already``: it was closed before, and this is what was said then."""

    day: date
    cut: dict[str, dict[str, int]]
    already: bool


class Closer:
    """Closes days in order. One closer at a time: the service, or a person while it is not running.

    What is closed is read once, when the closer is opened.
    """

    def __init__(self, settings: Settings, keys: Keys, ends: Ends, producer: AIOKafkaProducer) -> None:
        self._keys = keys
        self._topic = log_topic(settings.topic_prefix, "calendar")
        self._ends = ends
        self._producer = producer
        self._timeout = settings.ack_timeout_seconds
        self._closed: dict[date, DayClosed] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Closer"]:
        """Give a closer that keeps its connections to Kafka."""
        keys = Keys.from_settings(settings)
        async with open_ends(settings, CONTEXTS) as ends:
            producer = await open_producer(settings)
            try:
                closer = cls(settings, keys, ends, producer)
                closer._closed = {fact.day: fact for fact in await _closed_days(settings)}
                yield closer
            finally:
                await close_producer(producer)

    async def close(self, day: date) -> Closed:
        """Publish that a day is over, with the next offset of every partition of the log.

        A day is closed once: closing it again returns the first closing. Raises DayRefusedError for a day
        before one that is closed.
        """
        if day in self._closed:
            return Closed(day, self._closed[day].cut, True)
        latest = max(self._closed, default=None)
        if latest is not None and latest > day:
            raise DayRefusedError(f"{day} cannot be closed: {latest} is, and days follow in order")
        async with asyncio.timeout(self._timeout):
            # The calendar does not wait for itself: its own place in the log is not what was recorded.
            cut = cut_of(
                {place: end for place, end in (await self._ends()).items() if place[0] != self._topic}
            )
            fact = DayClosed(day=day, cut=cut)
            # The first instant of the next day; whoever closes the day later says the same.
            at = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
            event = Event(
                event_id=event_id_of(SOURCE, day.isoformat()),
                type=TYPE,
                source=SOURCE,
                serial=day.isoformat(),
                time=at,
                digest=digest_of(self._keys.digest, canonical_content(TYPE, at, fact)),
                data=fact,
            )
            key, value, headers = encode(event)
            await self._producer.send_and_wait(self._topic, value, key, partition=0, headers=headers)
        self._closed[day] = fact
        return Closed(day, cut, False)


async def close_day(settings: Settings, day: date) -> Closed:
    """Close one day; see ``Closer.close``."""
    async with Closer.open(settings) as closer:
        return await closer.close(day)


async def latest_closed(settings: Settings) -> date | None:
    """Return the latest day that is closed."""
    return max((closed.day for closed in await _closed_days(settings)), default=None)


async def _closed_days(settings: Settings) -> list[DayClosed]:
    days: list[DayClosed] = []
    async for records in read_log(settings, ("calendar",)):
        days += [record.event.fact for record in records if isinstance(record.event.fact, DayClosed)]
    return days
