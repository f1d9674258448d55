"""The post: what upstream hands over, and on which day. Some of it late, some of it twice."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.facts import Event


@dataclass(frozen=True, slots=True)
class Day:
    """What upstream hands over on one day, in the order in which it is sent."""

    day: date
    facts: tuple[Event, ...]


@dataclass
class Post:
    """Holds facts until their day of delivery. On the last day everything still held is handed over."""

    random: Random
    last_day: date
    by_type: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    _held: list[tuple[date, int, Event]] = field(default_factory=list)
    _sequence: int = 0

    def send(self, event: Event, deliver: date, once: bool = False) -> None:
        """Hand over an event on a day; now and then it comes again later, unless ``once``."""
        self._hold(event, deliver)
        if not once and self.random.random() < 0.008:
            self._hold(event, deliver + timedelta(days=self.random.randrange(0, 40)))
            self.repeats += 1

    def lag(self, usual: int = 2) -> timedelta:
        """How long after it happened a fact is sent: days mostly, sometimes weeks or months."""
        chance = self.random.random()
        if chance < 0.96:
            return timedelta(days=self.random.randint(1, usual))
        if chance < 0.985:
            return timedelta(days=self.random.randint(3, 20))
        return timedelta(days=self.random.randint(25, 110))

    def deliver(self, month: months.Month) -> list[Day]:
        """The days of a month, in order, each with its deliveries."""
        days = []
        for day in months.days(month):
            facts = []
            while self._held and self._held[0][0] <= day:
                event = heapq.heappop(self._held)[2]
                self.by_type[event["type"]] += 1
                facts.append(event)
            days.append(Day(day, tuple(facts)))
        return days

    def _hold(self, event: Event, deliver: date) -> None:
        self._sequence += 1
        heapq.heappush(self._held, (min(deliver, self.last_day), self._sequence, event))
