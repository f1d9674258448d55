"""All live facts, grouped once; and what many rules ask of them."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.membership import Household, Spell, households_of
from tests.oracle.months import month_of, plus_months
from tests.oracle.persons import person_key
from tests.oracle.policy import in_scope, precedence


@dataclass(frozen=True)
class Found:
    """An open finding: its natural key, severity, and whatever else the rule says of it."""

    key: tuple[tuple[str, str], ...]
    severity: str
    extras: dict[str, Any] = field(default_factory=dict)


def found(severity: str, extras: dict[str, Any] | None = None, **key: str) -> Found:
    """A finding from its key's fields. What is None is no part of it."""
    stated = {name: value for name, value in (extras or {}).items() if value is not None}
    return Found(tuple(sorted(key.items())), severity, stated)


class _Groups(dict[Any, list[Fact]]):
    """Facts by what they are grouped by; none where there are none."""

    def __missing__(self, key: Any) -> list[Fact]:
        return []


@dataclass
class Log:
    """The facts that count, as they stand when `day` is the latest closed day."""

    facts: list[Fact]
    day: date
    default: Callable[[str, date], Any] | None = None
    """What holds of a parameter where no document says anything."""
    _groups: dict[Any, dict[Any, list[Fact]]] = field(default_factory=dict, repr=False)

    @cached_property
    def _by_kind(self) -> dict[str, list[Fact]]:
        groups: dict[str, list[Fact]] = defaultdict(list)
        for fact in sorted(self.facts, key=lambda fact: (fact.time, fact.event_id)):
            groups[fact.kind].append(fact)
        return groups

    def of(self, kind: str) -> list[Fact]:
        """The facts of a kind, by the time at which they happened."""
        return self._by_kind[kind]

    def by(self, kind: str, *names: str) -> dict[Any, list[Fact]]:
        """The same, grouped by a field (or a tuple of fields) of their data."""
        if (kind, names) not in self._groups:
            groups: dict[Any, list[Fact]] = defaultdict(list)
            for fact in self.of(kind):
                values = tuple(fact.data.get(name) for name in names)
                groups[values if len(names) > 1 else values[0]].append(fact)
            # Asking for a group that there is not makes none.
            self._groups[kind, names] = _Groups(groups)
        return self._groups[kind, names]

    @cached_property
    def households(self) -> dict[str, Household]:
        return households_of(self.facts)

    def household(self, number: str) -> Household:
        return self.households.get(number) or Household(number, [], {}, None)

    @cached_property
    def merged(self) -> dict[str, str]:
        """The number of the household that one became."""
        became: dict[str, str] = {}
        for fact in self.of("identity.households_merged"):
            if fact.business_date <= self.day:
                became |= dict.fromkeys(fact.data["merged"], fact.data["household_no"])
        return became

    def household_now(self, number: str) -> str:
        while number in self.merged:
            number = self.merged[number]
        return number

    @cached_property
    def corrected(self) -> dict[str, str]:
        """The number by which a person is known after a correction."""
        known: dict[str, str] = {}
        for fact in sorted(self.of("identity.corrected"), key=lambda f: (f.business_date, f.event_id)):
            if fact.business_date <= self.day:
                old = person_key(fact.data["person"], fact.source)
                known[old] = person_key(fact.data["corrected"], fact.source)
        return known

    def person(self, person: dict[str, Any], source: str) -> str:
        """A person by the last corrected number."""
        return self.known(person_key(person, source))

    def known(self, key: str) -> str:
        """The last corrected number of somebody who was known by another."""
        seen = set()
        while key in self.corrected and key not in seen:
            seen.add(key)
            key = self.corrected[key]
        return key

    def members(self, number: str, month: str) -> set[str]:
        """Members of a household and of those that it is one with, by their last corrected numbers."""
        stated = {
            person
            for one in self._together[self.household_now(number)]
            for person in self.household(one).members(month)
        }
        return {self.known(person) for person in stated}

    @cached_property
    def _together(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for number in self.households:
            found[self.household_now(number)].append(number)
        return found

    def spell(self, number: str, programme: str, month: str) -> Spell | None:
        return self.household(number).spell(programme, month)

    @property
    def month(self) -> str:
        """The month of the closed day."""
        return month_of(self.day)

    @cached_property
    def _arranged(self) -> dict[date, bool]:
        """Whether a day is worked, for the days that the last arrangement of their year names."""
        by_year = {fact.data["year"]: fact.data for fact in self.of("calendar.year_arranged")}
        days = {day_of(day): False for data in by_year.values() for day in data["holidays"]}
        for data in by_year.values():
            days |= {day_of(day): True for day in data.get("working_days", [])}
        return days

    def working_days_later(self, day: date, count: int) -> date:
        """Monday to Friday are counted, but for days that are arranged otherwise."""
        while count > 0:
            day += timedelta(days=1)
            if self._arranged.get(day, day.isoweekday() <= 5):
                count -= 1
        return day

    def policy(self, parameter: str, day: date, *about: Mapping[str, Any]) -> Any:
        """The value that holds on a day where the data are about; else the default, or the first one ever.

        The division and the programme are those that the first of the data states, else its household's, else
        those of the next one.

        ValueError where nothing was adopted, and no default is known.
        """
        adopted = self.by("policy.adopted", "parameter")[parameter]
        division, programme = self._place(about)
        holding = [
            fact
            for fact in adopted
            if fact.business_date <= day and in_scope(fact.data.get("scope") or {}, division, programme)
        ]
        if holding:
            return max(holding, key=precedence).data["value"]
        if self.default is not None:
            return self.default(parameter, day)
        return min(adopted, key=lambda fact: fact.business_date).data["value"]

    def _place(self, about: Iterable[Mapping[str, Any]]) -> tuple[str | None, str | None]:
        division: str | None = None
        programme: str | None = None
        for data in about:
            household = self.household(data.get("household_no", ""))
            programmes = {spell.programme for spell in household.spells}
            division = division or data.get("division") or household.division
            programme = programme or data.get("programme")
            if programme is None and len(programmes) == 1:
                (programme,) = programmes
        return division, programme


def day_of(value: str) -> date:
    return date.fromisoformat(value)


def later(day: date, count: int) -> date:
    return day + timedelta(days=count)


def months_later(day: date, count: int) -> date:
    """The same day of a later month, or its last one."""
    month = plus_months(month_of(day), count)
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, min(day.day, monthrange(year, number)[1]))


def first(days: Iterable[date]) -> date | None:
    return min(days, default=None)


def clock(
    log: Log,
    due_on: date,
    done_on: date | None,
    *,
    still_owed: bool = True,
    severity: str = "medium",
    extras: dict[str, Any] | None = None,
    **key: str,
) -> Iterable[Found]:
    """A limit that was broken: `severity` while it is not done, low once it was done late."""
    if done_on is not None and done_on > log.day:
        done_on = None
    if due_on < log.day and still_owed and (done_on is None or done_on > due_on):
        said = {"due_on": due_on.isoformat(), "done_on": done_on and done_on.isoformat(), **(extras or {})}
        yield found(severity if done_on is None else "low", said, **key)


Posts = dict[str, list[tuple[date, date | None]]]


def persons_in_office(log: Log) -> Posts:
    """By person: when they held a post, from its first to its last day."""
    return _posts(log, lambda fact: log.person(fact.data["person"], fact.source))


def officials_in_office(log: Log) -> Posts:
    """The same by the official's number."""
    return _posts(log, lambda fact: str(fact.data["official_no"]))


def _posts(log: Log, whose: Callable[[Fact], str]) -> Posts:
    left = {fact.data["appointment_no"]: day_of(fact.data["left_on"]) for fact in log.of("officials.left")}
    posts: Posts = defaultdict(list)
    for fact in log.of("officials.appointed"):
        ended = left.get(fact.data["appointment_no"])
        posts[whose(fact)].append((day_of(fact.data["appointed_on"]), ended))
    return posts


def in_office(posts: list[tuple[date, date | None]], day: date) -> bool:
    return any(begun <= day and (ended is None or day <= ended) for begun, ended in posts)
