"""The facts that are measured with: distinct ones of a simulated street, in the order of their delivery."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import ceil
from typing import Any
from uuid import UUID

from events.envelope import event_id_of
from services.simulator.chronicle import Chronicle
from services.simulator.facts import line
from services.simulator.post import Day
from services.simulator.settings import HOUSEHOLDS_A_STREET, Settings
from services.simulator.world import World

_FACTS_A_HOUSEHOLD = 50
"""A household of the simulated street has a little more in its four years."""
_PERSONS_A_HOUSEHOLD = 1.65
"""A little fewer than the persons of a simulated household that its first half-year names."""


@dataclass(frozen=True)
class Fact:
    """A structured CloudEvent as a line of NDJSON, with its type and id."""

    type: str
    event_id: UUID
    line: bytes

    @property
    def context(self) -> str:
        """The context of its type."""
        return self.type.split(".")[1]


@dataclass(frozen=True)
class Facts:
    """What is handed over; ``persons`` and ``accounts``: how many different ones are named in it."""

    all: tuple[Fact, ...]
    persons: int = 0
    accounts: int = 0

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def by_context(self) -> dict[str, list[Fact]]:
        """The same by context, each in its order."""
        found: dict[str, list[Fact]] = {}
        for fact in self.all:
            found.setdefault(fact.context, []).append(fact)
        return found

    def count(self, contexts: tuple[str, ...]) -> int:
        """Return how many facts the contexts have."""
        return sum(len(self.by_context.get(context, ())) for context in contexts)

    @cached_property
    def place(self) -> dict[UUID, int]:
        """Where a fact stands in the order of delivery."""
        return {fact.event_id: place for place, fact in enumerate(self.all)}

    def mix(self) -> dict[str, Any]:
        """Return what is in it: facts, persons, accounts, bytes, and the facts of each type, most first."""
        return {
            "facts": len(self),
            "persons": self.persons,
            "accounts": self.accounts,
            "bytes": sum(len(fact.line) + 1 for fact in self.all),
            "types": dict(Counter(fact.type for fact in self.all).most_common()),
        }


def generate(count: int, persons: int | None = None, seed: int = 1) -> Facts:
    """Return ``count`` distinct facts. Repeats that the simulated post delivers are left out.

    ``persons``: so many different ones are named in them, no more and no fewer; the street is then as large
    as that takes, and only lives until it has stated that many facts. By default it lives four years.
    """
    households = ceil(count / _FACTS_A_HOUSEHOLD) if persons is None else ceil(persons / _PERSONS_A_HOUSEHOLD)
    while True:
        named = _Named(persons)
        days = World(Settings(households=households, seed=seed)).days()
        found = list(islice(_distinct(days, named), count))
        if len(found) == count and persons in (None, len(named.persons)):
            return Facts(tuple(found), len(named.persons), len(named.accounts))
        if persons is not None and households > 2 * persons:
            raise ValueError(f"{count} facts do not name {persons} persons")
        households += households // 8 + 1


def street(households: int, seed: int = 1) -> Facts:
    """Return all distinct facts of a street of so many households at its beginning, of its four years."""
    named = _Named(None)
    found = tuple(_distinct(World(Settings(households=households, seed=seed)).days(), named))
    return Facts(found, len(named.persons), len(named.accounts))


def by_street(count: int, seed: int = 1, street: int = HOUSEHOLDS_A_STREET) -> Iterator[Facts]:
    """Yield ``count`` distinct facts street by street, each of four years; no more than one is in memory.

    ``street``: households that each has at most. Streets share neither numbers nor people.
    """
    settings = Settings(households=ceil(count / _FACTS_A_HOUSEHOLD), seed=seed, street=street)
    for number in range(settings.streets):
        named = _Named(None)
        found = tuple(islice(_distinct(Chronicle(settings, number).days(), named), count))
        yield Facts(found, len(named.persons), len(named.accounts))
        count -= len(found)
        if not count:
            return
    raise ValueError(f"{count} facts too few in {settings.streets} streets")


def mix_of(mixes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is in facts that share no people, of what is in each of them."""
    types: Counter[str] = Counter()
    for mix in mixes:
        types.update(mix["types"])
    added = {name: sum(mix[name] for mix in mixes) for name in ("facts", "persons", "accounts", "bytes")}
    return {**added, "types": dict(types.most_common())}


class _Named:
    """Who is named so far, and whether there is room for somebody else."""

    def __init__(self, limit: int | None) -> None:
        self.persons: set[str] = set()
        self.accounts: set[str] = set()
        self._limit = limit

    def take(self, data: Any) -> bool:
        """Take a fact's data, unless it names somebody beyond the limit."""
        new = set(_values(data, ("id_number", "local_no"))) - self.persons
        if self._limit is not None and len(self.persons) + len(new) > self._limit:
            return False
        self.persons |= new
        self.accounts.update(_values(data, ("number", "account_number")))
        return True


def _distinct(days: Iterable[Day], named: _Named) -> Iterator[Fact]:
    seen: set[UUID] = set()
    for day in days:
        for event in day.facts:
            event_id = event_id_of(event["source"], event["id"])
            if event_id not in seen and named.take(event["data"]):
                seen.add(event_id)
                yield Fact(event["type"], event_id, line(event))


def _values(data: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name in names:
                yield value
            else:
                yield from _values(value, names)
    elif isinstance(data, list):
        for item in data:
            yield from _values(item, names)
