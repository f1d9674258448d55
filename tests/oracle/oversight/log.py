"""All live facts, grouped once; and what many rules ask of them."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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


def stated_number(fact: Fact) -> str:
    """The number by which a fact itself names its household."""
    return str(fact.raw["data"].get("household_no"))


@dataclass
class Log:
    """The facts that count, as they stand when `day` is the latest closed day."""

    facts: list[Fact]
    day: date
    default: Callable[[str, date], Any] | None = None
    """What holds of a parameter where no document says anything."""
    _renumbered: dict[bool, Log] = field(default_factory=dict, repr=False)
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
        """Households by their numbers; the spells under other numbers of one are its own as well.

        Each is made of what was stated under its number: that one of them left takes nobody out of another.
        """
        whole = households_of(self.facts)
        if not self.merged:
            return whole
        stated: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            stated[stated_number(fact)].append(fact)
        spells: dict[str, list[Spell]] = defaultdict(list)
        for facts in stated.values():
            for number, one in households_of(facts).items():
                spells[number] += one.spells
        return {number: replace(one, spells=spells[number]) for number, one in whole.items()}

    def household(self, number: str) -> Household:
        return self.households.get(number) or Household(number, [], {}, None)

    @cached_property
    def merged(self) -> dict[str, str]:
        """The number by which a household is known after it was merged with others."""
        return _known_now(
            (fact.business_date, fact.event_id, old, str(fact.data["household_no"]))
            for fact in self.of("identity.households_merged")
            if fact.business_date <= self.day
            for old in fact.data["merged"]
        )

    def household_now(self, number: str) -> str:
        return self.merged.get(number, number)

    @cached_property
    def corrected(self) -> dict[str, str]:
        """The number by which a person is known after a correction."""
        return _known_now(
            (
                fact.business_date,
                fact.event_id,
                person_key(fact.data["person"], fact.source),
                person_key(fact.data["corrected"], fact.source),
            )
            for fact in self.of("identity.corrected")
            if fact.business_date <= self.day
        )

    def renumbered(self, *, households: bool = True) -> Log:
        """The facts as if each had named persons by the numbers that they have now, and households too."""
        if not self.corrected and not (self.merged and households):
            return self
        if households not in self._renumbered:
            self._renumbered[households] = self._with_numbers_now(households)
        return self._renumbered[households]

    def _with_numbers_now(self, households: bool) -> Log:
        facts = [
            fact
            if fact.kind.startswith("identity.")
            else replace(fact, data=self._by_numbers_now(fact.data, fact.source, households))
            for fact in self.facts
        ]
        return Log(facts, self.day, self.default)

    def _by_numbers_now(self, value: Any, source: str, households: bool) -> Any:
        if isinstance(value, list):
            return [self._by_numbers_now(one, source, households) for one in value]
        if not isinstance(value, dict):
            return value
        if value.keys() & {"id_number", "local_no"}:
            key = person_key(value, source)
            kind, _, number = self.corrected.get(key, key).partition(":")
            return value | {"id_number": number} if kind == "id" else value
        return {
            name: self.household_now(one)
            if name == "household_no" and households
            else self._by_numbers_now(one, source, households)
            for name, one in value.items()
        }

    def members(self, number: str, month: str) -> set[str]:
        """Members of a household, in any programme."""
        return self.household(number).members(month)

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


def _known_now(said: Iterable[tuple[date, str, str, str]]) -> dict[str, str]:
    """By each number of somebody who has several: the one that was last said to be right."""
    said = sorted(said)
    together: dict[str, set[str]] = {}
    for _, _, old, new in said:
        one = together.get(old, {old}) | together.get(new, {new})
        together |= dict.fromkeys(one, one)
    known: dict[str, str] = {}
    for _, _, old, new in said:
        if old != new:
            known |= dict.fromkeys(together[old], new)
    return known


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by business date, then event id."""
    return sorted(facts, key=lambda fact: (fact.business_date, fact.event_id))


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
    return _posts(log, lambda fact: person_key(fact.data["person"], fact.source))


def officials_in_office(log: Log) -> Posts:
    """The same by the official's number."""
    return _posts(log, lambda fact: str(fact.data["official_no"]))


def _posts(log: Log, whose: Callable[[Fact], str]) -> Posts:
    left: dict[str, date] = {}
    for fact in log.of("officials.left"):
        number, day = fact.data["appointment_no"], day_of(fact.data["left_on"])
        left[number] = min(day, left.get(number, day))
    posts: Posts = defaultdict(list)
    for fact in log.of("officials.appointed"):
        ended = left.get(fact.data["appointment_no"])
        posts[whose(fact)].append((day_of(fact.data["appointed_on"]), ended))
    return posts


def in_office(posts: list[tuple[date, date | None]], day: date) -> bool:
    return any(begun <= day and (ended is None or day <= ended) for begun, ended in posts)
