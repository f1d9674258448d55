"""One full-sized street per seed, walked once for all tests."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pytest

from services.simulator import Settings, World
from services.simulator.facts import Event
from tests.oracle.facts import Fact, live_facts
from tests.oracle.oversight import Log
from tests.oracle.scan import Finding, findings, findings_among

SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))
"""The first with every run, the others by `make slow`."""

SMALL = (10, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (11, 12, 13, 14, 15)))
"""The same of streets of 60 households."""

CROWDED = (1200, 3, "2019-11", "2020-02")
"""Few months have as many stories as years have."""


@dataclass(frozen=True)
class Run:
    """A finished run: every fact in order of delivery, with its day, and the labels."""

    settings: Settings
    facts: list[Event]
    delivered: list[tuple[str, Event]]
    labels: dict[str, Any]
    seconds: float
    """Of a processor, to walk it."""

    @cached_property
    def live(self) -> list[Fact]:
        """What counts of it, at its end."""
        return live_facts(self.facts)

    @cached_property
    def log(self) -> Log:
        """The same, to be looked up in."""
        return Log(self.live, self.settings.as_of)

    def findings(self, without: Sequence[str] = ()) -> list[Finding]:
        """What the independent scan finds at its end; ``without`` some clauses."""
        if set(without) & {"voided", "repeated", "conflict"}:
            return findings(self.facts, self.settings.as_of, without=without)  # they say what counts
        return findings_among(self.live, self.settings.as_of, without)


@cache
def run(households: int, seed: int, first: str = "2018-01", last: str = "2021-12") -> Run:
    """Walk a street from beginning to end, once."""
    return run_of(Settings(households, first, last, seed))


def run_of(settings: Settings) -> Run:
    """Walk all there is, from beginning to end."""
    started = time.process_time()
    world = World(settings)
    delivered = [(day.day.isoformat(), event) for day in world.days() for event in day.facts]
    seconds = time.process_time() - started
    return Run(settings, [event for _, event in delivered], delivered, world.document(), seconds)


@pytest.fixture(params=SEEDS)
def street(request: pytest.FixtureRequest) -> Run:
    """1,200 households from 2018 to 2021."""
    return run(1200, request.param)


@pytest.fixture
def hamlet() -> Run:
    """60 households from 2018 to 2021."""
    return run(60, 1)
