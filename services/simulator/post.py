"""The post: what upstream hands over, and on which day. Some of it late, some of it twice."""

from collections import Counter, defaultdict
from collections.abc import Iterator
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
    _held: defaultdict[date, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def send(self, event: Event, deliver: date, once: bool = False) -> None:
        """Hand over an event on a day; now and then it comes again later, unless ``once``.

        The day is one that was not delivered yet.
        """
        self._held[min(deliver, self.last_day)].append(event)
        if not once and self.random.random() < 0.008:
            later = deliver + timedelta(days=self.random.randrange(0, 40))
            self._held[min(later, self.last_day)].append(event)
            self.repeats += 1

    def lag(self, usual: int = 2) -> timedelta:
        """How long after it happened a fact is sent: days mostly, sometimes weeks or months."""
        chance = self.random.random()
        if chance < 0.96:
            return timedelta(days=self.random.randint(1, usual))
        if chance < 0.985:
            return timedelta(days=self.random.randint(3, 20))
        return timedelta(days=self.random.randint(25, 110))

    def deliver(self, month: months.Month) -> Iterator[Day]:
        """The days of a month, in order, each with its deliveries."""
        for day in months.days(month):
            facts = tuple(self._held.pop(day, ()))
            self.by_type.update(event["type"] for event in facts)
            yield Day(day, facts)
        assert not self._held or min(self._held) > day, "something was sent to a day that is over"
