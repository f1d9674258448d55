"""The facts that are measured with: distinct ones of a simulated street, in the order of their delivery."""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import UUID

from events.envelope import event_id_of
from services.simulator.output import line
from services.simulator.settings import Settings
from services.simulator.world import World

_FACTS_A_HOUSEHOLD = 50
"""A household of the simulated street has a little more in its four years."""


@dataclass(frozen=True)
class Fact:
    """A structured CloudEvent as a line of NDJSON, with its context and id."""

    context: str
    event_id: UUID
    line: bytes


@dataclass(frozen=True)
class Facts:
    """What is handed over."""

    all: tuple[Fact, ...]

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


def generate(count: int, seed: int = 1) -> Facts:
    """Return ``count`` distinct facts. Repeats that the simulated post delivers are left out."""
    households = -(-count // _FACTS_A_HOUSEHOLD)
    while True:
        found = list(islice(_distinct(World(Settings(households=households, seed=seed))), count))
        if len(found) == count:
            return Facts(tuple(found))
        households += households // 4 + 1


def _distinct(world: World) -> Any:
    seen: set[UUID] = set()
    for day in world.days():
        for event in day.facts:
            event_id = event_id_of(event["source"], event["id"])
            if event_id not in seen:
                seen.add(event_id)
                yield Fact(event["type"].split(".")[1], event_id, line(event).rstrip("\n").encode())
