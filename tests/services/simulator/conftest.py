"""One full-sized street per seed, walked once for all tests."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pytest

from services.simulator import Settings, World
from services.simulator.facts import Event
from tests.oracle.facts import live_facts
from tests.oracle.oversight import Log

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Run:
    """A finished run: every fact in order of delivery, with its day, and the labels."""

    settings: Settings
    facts: list[Event]
    delivered: list[tuple[str, Event]]
    labels: dict[str, Any]

    @cached_property
    def log(self) -> Log:
        """What counts of it, at its end."""
        return Log(live_facts(self.facts), self.settings.as_of)


@cache
def run(households: int, seed: int, first: str = "2018-01", last: str = "2021-12") -> Run:
    """Walk a street from beginning to end."""
    world = World(Settings(households, first, last, seed))
    delivered = [(day.day.isoformat(), event) for day in world.days() for event in day.facts]
    return Run(world.settings, [event for _, event in delivered], delivered, world.document())


@pytest.fixture(params=SEEDS)
def street(request: pytest.FixtureRequest) -> Run:
    """1,200 households from 2018 to 2021."""
    return run(1200, request.param)


@pytest.fixture
def hamlet() -> Run:
    """60 households from 2018 to 2021."""
    return run(60, 1)
