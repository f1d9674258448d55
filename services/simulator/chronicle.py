"""One street, month by month: stories go on, the month is paid, the post delivers it day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator import life, months, people
from services.simulator.division import Division
from services.simulator.labels import Labels, Totals
from services.simulator.life import changes, households, payday
from services.simulator.parameters import PARAMETERS, limit
from services.simulator.people import INSTITUTIONS
from services.simulator.post import Day, Post
from services.simulator.schemes import DEEDS, SCHEMES, Deed, Scheme
from services.simulator.settings import Settings
from services.simulator.street import RAISED_PERCENT, Street


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
        self._at_first = [(routine, self._stream(routine.name)) for routine in life.AT_FIRST]
        self._before = [(routine, self._stream(routine.name)) for routine in life.BEFORE_PAYMENTS]
        self._after = [(routine, self._stream(routine.name)) for routine in life.AFTER_PAYMENTS]
        self._at_last = [(routine, self._stream(routine.name)) for routine in life.AT_LAST]
        self._plots: list[changes.Plot] = []
        self._calendar = self._schedule(self._stream("schedule"))
        self._deeds = self._schedule_deeds(self._stream("deeds"))

    def days(self) -> Iterator[Day]:
        """The days of the run. Memory grows with households and what is not yet delivered, not with facts."""
        street, settings = self.street, self.settings
        street.institutions = [street.people.account(name, institution=True) for name in INSTITUTIONS]
        self._adopt_parameters()
        self._arrange_years()
        households.first_households(street)
        for routine, random in self._at_first:
            routine.happens(street, random)
        for month in range(settings.first_month, settings.last_month + 1):
            street.month = month
            self._tell()
            if month == settings.raised_month - 1:
                self._adopt(
                    "large_payment.multiple", RAISED_PERCENT / 100, months.day(settings.raised_month, 1)
                )
            for routine, random in self._before:
                routine.happens(street, random)
            payday.pay(street)
            for routine, random in self._after:
                routine.happens(street, random)
            if month == settings.last_month:
                for tell in street.in_the_end:
                    tell()
                for routine, random in self._at_last:
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

    def _schedule_deeds(self, random: Random) -> dict[int, list[tuple[Deed, Random]]]:
        """The same for deeds; each has a stream of its own, so that none is changed by another."""
        calendar: dict[int, list[tuple[Deed, Random]]] = {}
        settings = self.settings
        for deed in DEEDS:
            stream = self._stream(f"{deed.rule}/{deed.case}")
            first = settings.first_month
            if deed.begins is not None:
                first = max(first, months.parse(deed.begins))
            if deed.within is not None:
                first = max(first, settings.last_month - deed.within + 1)
            last = settings.last_month - deed.length + 1
            if deed.ends is not None:
                last = min(last, months.parse(deed.ends))
            if last < first:
                continue
            for _ in range(max(1, round(deed.per_1200 * self.street.size / 1200))):
                calendar.setdefault(random.randint(first, last), []).append((deed, stream))
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
        for deed, random in self._deeds.get(street.month, ()):
            deed.act(street, random)

    def _adopt_parameters(self) -> None:
        first = months.day(self.settings.first_month, 1)
        for parameter in PARAMETERS:
            from_on = max(parameter.from_on or first, first)
            if limit(parameter.name, from_on) == parameter.value:  # else a later one holds by then
                self._adopt(parameter.name, parameter.value, from_on)

    def _arrange_years(self) -> None:
        """Every year of the run is arranged before it begins; for all streets, by the first one's post."""
        first, last = (
            months.day(month, 1) for month in (self.settings.first_month, self.settings.last_month)
        )
        for year in range(first.year, last.year + 1) if self.division.number == 0 else ():
            said_on = max(date(year - 1, 11, 25), first)
            if year == first.year:
                self.street.calendar.arrange_wrongly(year, said_on)
            self.street.calendar.arrange(year, said_on)

    def _adopt(self, parameter: str, value: Any, from_on: date) -> None:
        """The county adopts a policy: once for all streets, so the first one's post brings it."""
        if self.division.number > 0 or from_on > self.settings.as_of:
            return
        now = from_on == months.day(self.settings.first_month, 1)
        decided_on = from_on if now else from_on - timedelta(days=12)
        document = f"涪民政发〔{from_on.year}〕{1 if now else 33}号"
        self.street.policy.adopt(parameter, value, from_on, decided_on, document)


_ENDED = object()
