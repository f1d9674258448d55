"""One street, month by month: stories go on, the month is paid, the post delivers it day by day."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from services.simulator import life, months, people
from services.simulator.division import Division
from services.simulator.labels import Labels, Totals
from services.simulator.life import changes, households, payday
from services.simulator.people import INSTITUTIONS
from services.simulator.post import Day, Post
from services.simulator.schemes import SCHEMES, Scheme
from services.simulator.settings import Settings
from services.simulator.street import RAISED_PERCENT, Street

POLICIES: tuple[tuple[str, Any], ...] = (("death.grace_months", 3), ("large_payment.multiple", 1.0))


class Chronicle:
    """A street's life. ``days`` may be walked once; labels and totals are complete after the last day."""

    def __init__(self, settings: Settings, number: int = 0) -> None:
        self.settings = settings
        self.division = Division(number)
        self.labels = Labels()
        self.post = Post(self._stream("post"), months.day(settings.first_month, 1), settings.as_of)
        self.street = Street(
            self.division,
            self.post,
            self.labels,
            self._stream("offices"),
            settings.first_month,
            size=settings.size_of(number),
            people=people.Registry(self._stream("people"), self.division),
            casting=self._stream("casting"),
            settings=settings,
        )
        self._changes = self._stream("changes")
        self._before = [(routine, self._stream(routine.name)) for routine in life.BEFORE_PAYMENTS]
        self._after = [(routine, self._stream(routine.name)) for routine in life.AFTER_PAYMENTS]
        self._plots: list[changes.Plot] = []
        self._calendar = self._schedule(self._stream("schedule"))

    def days(self) -> Iterator[Day]:
        """The days of the run. Memory grows with households and what is not yet delivered, not with facts."""
        street, settings = self.street, self.settings
        street.institutions = [street.people.account(name, institution=True) for name in INSTITUTIONS]
        for parameter, value in POLICIES:
            self._adopt(parameter, value, settings.first_month)
        households.first_households(street)
        for month in range(settings.first_month, settings.last_month + 1):
            street.month = month
            self._tell()
            if month == settings.raised_month - 1:
                self._adopt("large_payment.multiple", RAISED_PERCENT / 100, settings.raised_month)
            for routine, random in self._before:
                routine.happens(street, random)
            payday.pay(street)
            for routine, random in self._after:
                routine.happens(street, random)
            street.forget_former()
            yield from self.post.deliver(month)

    def totals(self) -> Totals:
        """What it amounts to."""
        totals = Totals.of(self.labels)
        totals.by_type, totals.repeats = self.post.by_type, self.post.repeats
        return totals

    def _stream(self, name: str) -> Random:
        return Random(f"{self.settings.seed}/{self.division.number}/{name}")

    def _schedule(self, random: Random) -> dict[int, list[Scheme]]:
        """Which scheme begins in which month; each at least once where the run is long enough for it."""
        calendar: dict[int, list[Scheme]] = {}
        settings = self.settings
        for scheme in SCHEMES:
            first = settings.raised_month if scheme.raised else settings.first_month + 1
            last = settings.last_month - scheme.length + 1
            if scheme.late:
                first = max(first, last - 9)
            if last < first:
                continue
            for _ in range(max(1, round(scheme.per_1200 * self.street.size / 1200))):
                calendar.setdefault(random.randint(first, last), []).append(scheme)
        return calendar

    def _tell(self) -> None:
        """Begin what begins this month, and take every story a month further."""
        street = self.street
        self._plots += changes.befall(street, self._changes)
        for scheme in self._calendar.get(street.month, ()):
            household = street.find(scheme.cast)
            self._plots.append((household, scheme.story(street, household)))
        going_on = []
        for household, story in self._plots:
            if next(story, _ENDED) is _ENDED:
                household.busy = False
            else:
                going_on.append((household, story))
        self._plots = going_on

    def _adopt(self, parameter: str, value: Any, first: int) -> None:
        """The county adopts a policy: once for all streets, so the first one's post brings it."""
        if self.division.number > 0:
            return
        day = months.day(first, 1)
        now = first == self.settings.first_month
        self.street.policy.adopt(
            parameter,
            value,
            day,
            day if now else day - timedelta(days=12),
            "涪民政发〔2018〕1号" if now else "涪民政发〔2020〕33号",
        )


_ENDED = object()
