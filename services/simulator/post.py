"""The post: what upstream hands over, and on which day. Some of it late, some of it twice."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from random import Random

from services.simulator import months
from services.simulator.facts import Event

_DAYS = tuple(timedelta(days=number) for number in range(32))
_TYPE = itemgetter("type")


@dataclass(frozen=True, slots=True)
class Day:
    """What upstream hands over on one day, in the order in which it is sent."""

    day: date
    facts: tuple[Event, ...]


@dataclass
class Post:
    """Holds facts until their day of delivery. On the last day everything still held is handed over."""

    random: Random
    first_day: date
    last_day: date
    by_type: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    _held: defaultdict[date, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def send(self, event: Event, deliver: date, once: bool = False) -> None:
        """Hand over an event on a day, or on the first that is still to come; now and then it comes again
        later, unless ``once``."""
        if deliver < self.first_day:
            deliver = self.first_day
        elif deliver > self.last_day:
            deliver = self.last_day
        self._held[deliver].append(event)
        if not once and self.random.random() < 0.008:
            later = deliver + timedelta(days=self.random.randrange(0, 40))
            self._held[min(later, self.last_day)].append(event)
            self.repeats += 1

    def lag(self, usual: int = 2) -> timedelta:
        """How long after it happened a fact is sent: days mostly, sometimes weeks or months."""
        chance = self.random.random()
        if chance < 0.96:
            return _DAYS[1 + int(chance / 0.96 * usual)]
        if chance < 0.985:
            return timedelta(days=self.random.randint(3, 20))
        return timedelta(days=self.random.randint(25, 110))

    def deliver(self, month: months.Month) -> Iterator[Day]:
        """The days of a month, in order, each with its deliveries. What is sent from now on comes later."""
        self.first_day = months.day(month + 1, 1)
        for day in months.days(month):
            facts = tuple(self._held.pop(day, ()))
            self.by_type.update(map(_TYPE, facts))
            yield Day(day, facts)
