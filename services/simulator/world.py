"""The world, month by month: stories go on, the month is paid, the post delivers it day by day."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from services.simulator import facts, life, months, people
from services.simulator.facts import POLICY
from services.simulator.labels import Labels
from services.simulator.people import INSTITUTIONS
from services.simulator.post import Day, Post
from services.simulator.schemes import SCHEMES, Scheme
from services.simulator.settings import Settings
from services.simulator.street import RAISED_PERCENT, Street

__all__ = ["Day", "World", "simulate"]

POLICIES: tuple[tuple[str, Any], ...] = (("death.grace_months", 3), ("large_payment.multiple", 1.0))


def simulate(settings: Settings) -> Iterator[Day]:
    """Every day of the run, in order, with what upstream hands over on it (also days with nothing).

    Whoever wants the labels as well makes a ``World`` and reads them after the last day.
    """
    return World(settings).days()


class World:
    """One run. ``days`` may be walked once; ``labels`` are complete after the last day."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.labels = Labels()
        self.post = Post(self._stream("post"), settings.as_of)
        self.street = Street(
            self.post,
            self.labels,
            self._stream("offices"),
            settings.first_month,
            people=people.Registry(self._stream("people")),
            casting=self._stream("casting"),
            settings=settings,
        )
        self._life = self._stream("life")
        self._petitions = self._stream("petitions")
        self._plots: list[life.Plot] = []
        self._filed: list[dict[str, str]] = []
        self._calendar = self._schedule(self._stream("schedule"))

    def days(self) -> Iterator[Day]:
        """The days of the run. Memory grows with households and what is not yet delivered, not with facts."""
        street, settings = self.street, self.settings
        street.institutions = [street.people.account(name, institution=True) for name in INSTITUTIONS]
        for parameter, value in POLICIES:
            self._adopt(parameter, value, settings.first_month)
        life.first_households(street, settings.households)
        for month in range(settings.first_month, settings.last_month + 1):
            street.month = month
            self._tell()
            if months.number(month) == 9:
                life.autumn(street)
            if month == settings.raised_month - 1:
                self._adopt("large_payment.multiple", RAISED_PERCENT / 100, settings.raised_month)
            life.one_off_relief(street, self._life, settings.households)
            self._pay()
            life.petitions(street, self._petitions, settings.households, self._filed)
            life.newcomers(street, self._life, settings.households)
            street.leave_street()
            yield from self.post.deliver(month)

    def document(self) -> dict[str, Any]:
        """The content of ``labels.json``; complete after the last day."""
        return self.labels.document(self.settings, self.post.by_type, self.post.repeats)

    def _stream(self, name: str) -> Random:
        return Random(f"{self.settings.seed}/{name}")

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
            for _ in range(max(1, round(scheme.per_1200 * settings.households / 1200))):
                calendar.setdefault(random.randint(first, last), []).append(scheme)
        return calendar

    def _tell(self) -> None:
        """Begin what begins this month, and take every story a month further."""
        street = self.street
        self._plots += life.befall(street, self._life)
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

    def _pay(self) -> None:
        """The regular payments of everybody whom no story has paid, and the institutions' look-alikes."""
        street, month = self.street, self.street.month
        residents: Counter[str] = Counter()
        for household in street.active:
            for spell in household.spells.values():
                if not spell.covers(month) or spell.programme in household.handled:
                    continue
                paid = street.pay_due(household, spell)
                account = spell.account(month)
                if account.institution and spell.programme == "tekun":
                    residents[account.number] += 1
                    if month == spell.first:
                        street.labels.lawful("name-mismatch", "institution_of_tekun", paid.account_key)
            if len(household.spells) == 2 and month == self.settings.first_month:
                key = {"account": household.spell.account(month).number, "month": months.text(month)}
                street.labels.lawful("shared-account", "two_programmes_of_one_household", key)
                street.labels.lawful("name-mismatch", "member_of_the_other_programme", paid.account_key)
            household.handled.clear()
        life.institution_lookalikes(street, residents)

    def _adopt(self, parameter: str, value: Any, first: int) -> None:
        day = months.day(first, 1)
        decided = day if first == self.settings.first_month else day - timedelta(days=12)
        data = {
            "parameter": parameter,
            "value": value,
            "from": day.isoformat(),
            "document": "涪民政发〔2018〕1号" if decided == day else "涪民政发〔2020〕33号",
        }
        event = facts.event(self.street.serials, POLICY, "policy.adopted", decided, data)
        self.post.send(event, decided, once=True)


_ENDED = object()
