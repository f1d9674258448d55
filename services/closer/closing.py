"""Closing a day: one fact a day, with the cut of the whole log at that moment; undoing it, a void."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from events.calendar import DAY_CLOSED, DayClosed
from events.catalogue import CONTEXTS, log_topic
from events.codec import encode
from events.digest import canonical_content, digest_of
from events.envelope import Event, event_id_of
from events.form import Fact
from events.values import SHANGHAI, Label
from events.voids import CalendarVoided
from services.platform import locks
from services.platform.authorship import LogKeys
from services.platform.database import retry_connect
from services.platform.keys import Keys
from services.platform.log import Ends, cut_of, open_ends, read_log
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings

SOURCE = "/dibao/calendar"
VOIDED = "dibao.calendar.voided.v1"


class DayRefusedError(Exception):
    """The day cannot be closed, or not be undone; the message says why."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed day. ``already``: it was closed before, and this is what was said then."""

    day: date
    cut: dict[str, dict[str, int]]
    already: bool


@dataclass(slots=True)
class _Days:
    """What the log says of days: their closings by digest, and which of them are undone."""

    said: dict[date, dict[str, DayClosed]] = field(default_factory=dict)
    undone: set[tuple[UUID, str | None]] = field(default_factory=set)
    read: int = 0
    """The next offset of the calendar's topic."""

    def add(self, event: Event, offset: int) -> None:
        if event.type == DAY_CLOSED:
            self.said.setdefault(event.data.day, {})[event.digest] = event.data
        elif event.entry.void:
            self.undone.add((event_id_of(event.data.source, event.data.id), event.data.digest))
        self.read = offset + 1

    def closings(self, day: date) -> dict[str, DayClosed]:
        """The closings of a day that count: one, unless closers of earlier versions were in conflict."""
        event_id = event_id_of(SOURCE, day.isoformat())
        return {
            digest: fact
            for digest, fact in self.said.get(day, {}).items()
            if not {(event_id, digest), (event_id, None)} & self.undone
        }

    def latest(self) -> date | None:
        return max((day for day in self.said if self.closings(day)), default=None)


def today() -> date:
    """Return the day that it is in Asia/Shanghai."""
    return datetime.now(UTC).astimezone(SHANGHAI).date()


class Closer:
    """Closes days that are over, in order, and undoes closings.

    Closers exclude one another, through a lock in PostgreSQL, and each reads what the others have said: two
    of them never give a day two cuts.
    """

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        log_keys: LogKeys,
        ends: Ends,
        producer: AIOKafkaProducer,
        today: Callable[[], date] = today,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._log_keys = log_keys
        self._topic = log_topic(settings.topic_prefix, "calendar")
        self._ends = ends
        self._producer = producer
        self._today = today
        self._days = _Days()
        self._connection: asyncpg.Connection | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, today: Callable[[], date] = today) -> AsyncIterator["Closer"]:
        """Give a closer that keeps its connections to Kafka and PostgreSQL."""
        keys, log_keys = Keys.from_settings(settings), LogKeys.from_settings(settings)
        async with open_ends(settings, CONTEXTS) as ends:
            producer = await open_producer(settings)
            closer = cls(settings, keys, log_keys, ends, producer, today)
            try:
                yield closer
            finally:
                await closer._release()
                await close_producer(producer)

    async def latest(self) -> date | None:
        """Return the latest day that is closed."""
        async with self._alone() as ends:
            del ends
            return self._days.latest()

    async def close(self, day: date) -> Closed:
        """Publish that a day is over, with the next offset of every partition of the log.

        A day is closed once: closing it again returns the first closing. Raises DayRefusedError for a day
        that is not over, or lies before one that is closed.
        """
        if day >= self._today():
            raise DayRefusedError(f"{day} cannot be closed: it is not over in Asia/Shanghai")
        async with self._alone() as ends:
            if closings := self._days.closings(day):
                if len(closings) > 1:
                    raise DayRefusedError(
                        f"{day} is closed with {len(closings)} cuts: undo it, and what follows"
                    )
                return Closed(day, next(iter(closings.values())).cut, True)
            latest = self._days.latest()
            if latest is not None and latest > day:
                raise DayRefusedError(f"{day} cannot be closed: {latest} is, and days follow in order")
            # The calendar does not wait for itself: its own place in the log is not what was recorded.
            fact = DayClosed(
                day=day, cut=cut_of({place: end for place, end in ends.items() if place[0] != self._topic})
            )
            # The first instant of the next day; whoever closes the day later says the same.
            at = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
            await self._publish(DAY_CLOSED, day.isoformat(), at, fact)
            return Closed(day, fact.cut, False)

    async def undo(self, day: date, reason: str) -> list[date]:
        """Undo the closing of a day and of every later one, and return these days; each can be closed anew.

        Their cuts rest upon the one that was wrong. Raises DayRefusedError where the day is not closed.
        """
        async with self._alone():
            days = sorted(each for each in self._days.said if each >= day and self._days.closings(each))
            if day not in days:
                raise DayRefusedError(f"{day} is not closed")
            for each in reversed(days):
                for digest in self._days.closings(each):
                    serial = f"{each.isoformat()}#void-{digest[:12]}"
                    fact = CalendarVoided[Label](
                        source=SOURCE,
                        id=each.isoformat(),
                        type=DAY_CLOSED,
                        reason=reason,
                        digest=digest,
                        day=each,
                    )
                    await self._publish(VOIDED, serial, datetime.now(UTC), fact)
            return days

    async def _publish(self, kind: str, serial: str, at: datetime, fact: Fact) -> None:
        event = Event(
            event_id=event_id_of(SOURCE, serial),
            type=kind,
            source=SOURCE,
            serial=serial,
            time=at,
            digest=digest_of(self._keys.digest, canonical_content(kind, at, fact)),
            data=fact,
        )
        key, value, headers = encode(event)
        headers.append(self._log_keys.mac(self._topic, key, value, headers))
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds):
                sent = await self._producer.send_and_wait(
                    self._topic, value, key, partition=0, headers=headers
                )
        except BaseException:
            # What is written late would contradict whoever closes next: this producer sends nothing more.
            await close_producer(self._producer, 0)
            raise
        self._days.add(event, sent.offset)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[dict[tuple[str, int], int]]:
        """Exclude other closers, read what they have said, and give the ends of the log."""
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await retry_connect(self._settings.database_url, seconds=0)
        async with asyncio.timeout(self._settings.ack_timeout_seconds):
            await connection.execute("select pg_advisory_lock($1)", locks.CALENDAR)
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds):
                ends = await self._ends()
            if ends[self._topic, 0] < self._days.read:
                self._days = _Days()  # the log lost its end
            if ends[self._topic, 0] > self._days.read:
                start = {(self._topic, 0): self._days.read}
                async for records in read_log(self._settings, ("calendar",), start=start):
                    for record in records:
                        self._days.add(record.event, record.offset)
            yield ends
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", locks.CALENDAR)

    async def _release(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=5)


async def close_day(settings: Settings, day: date) -> Closed:
    """Close one day; see ``Closer.close``."""
    async with Closer.open(settings) as closer:
        return await closer.close(day)


async def undo_day(settings: Settings, day: date, reason: str) -> list[date]:
    """Undo the closing of a day and what follows; see ``Closer.undo``."""
    async with Closer.open(settings) as closer:
        return await closer.undo(day, reason)


async def latest_closed(settings: Settings) -> date | None:
    """Return the latest day that is closed."""
    async with Closer.open(settings) as closer:
        return await closer.latest()
