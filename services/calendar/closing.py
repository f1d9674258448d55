"""Closing a day: one fact a day, with the cut of the whole log at that moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiokafka import AIOKafkaProducer

from events.calendar import DayClosed
from events.catalogue import log_topic
from events.codec import encode
from events.digest import canonical_content, digest_of
from events.envelope import Event, event_id_of
from events.values import SHANGHAI
from services.platform.keys import Keys
from services.platform.log import log_cut, read_log
from services.platform.producer import open_producer
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


async def close_day(settings: Settings, day: date) -> Closed:
    """Publish that a day is over, with the next offset of every partition of the log.

    A day is closed once: closing it again returns the first closing. Raises DayRefusedError for a day
    before one that is closed. One closer at a time: the service, or a person while it is not running.
    """
    keys = Keys.from_settings(settings)
    topic = log_topic(settings.topic_prefix, "calendar")
    closed = {fact.day: fact for fact in await _closed_days(settings)}
    if day in closed:
        return Closed(day, closed[day].cut, True)
    if closed and max(closed) > day:
        raise DayRefusedError(f"{day} cannot be closed: {max(closed)} is, and days follow in order")
    cut = await log_cut(settings)
    # The calendar does not wait for itself: its own place in the log is not what was recorded.
    cut.pop(topic, None)
    fact = DayClosed(day=day, cut=cut)
    # The first instant of the next day; whoever closes the day later says the same.
    at = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    event = Event(
        event_id=event_id_of(SOURCE, day.isoformat()),
        type=TYPE,
        source=SOURCE,
        serial=day.isoformat(),
        time=at,
        digest=digest_of(keys.digest, canonical_content(TYPE, at, fact)),
        data=fact,
    )
    key, value, headers = encode(event)
    async with _producer(settings) as producer:
        await producer.send_and_wait(topic, value, key, partition=0, headers=headers)
    return Closed(day, cut, False)


async def latest_closed(settings: Settings) -> date | None:
    """Return the latest day that is closed."""
    return max((closed.day for closed in await _closed_days(settings)), default=None)


async def _closed_days(settings: Settings) -> list[DayClosed]:
    days: list[DayClosed] = []
    async for records in read_log(settings, ("calendar",)):
        days += [record.event.fact for record in records if isinstance(record.event.fact, DayClosed)]
    return days


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = await open_producer(settings)
    try:
        async with asyncio.timeout(settings.ack_timeout_seconds):
            yield producer
    finally:
        await producer.stop()
