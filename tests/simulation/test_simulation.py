"""Schedules of fixed seeds, and the proof that they would find a mistake.

``make simulate`` runs as many more as one has time for. What has found something stays, in ``KEPT``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from tests.simulation import (
    mutants_of_alerting,
    mutants_of_detection,
    mutants_of_pipeline,
    mutants_of_relay,
)
from tests.simulation.choices import read, shrunk, written
from tests.simulation.of_alerting import OfAlerting
from tests.simulation.of_detection import OfDetection
from tests.simulation.of_pipeline import OfPipeline
from tests.simulation.of_relay import OfRelay
from tests.simulation.scenario import Failure, Make, of_choices, of_seed, smallest
from tests.simulation.scenarios import EVERY
from tests.simulation.world import seams

SEEDS = {"pipeline": 60, "relay": 60, "detection": 12, "alerting": 30}
"""Schedules in every run of the suite."""

KEPT: tuple[tuple[Make, str], ...] = (
    # A pipeline ended where Kafka went between the moment it was waited for and the start of its client.
    (OfPipeline, "0x10.2-1.2.0.169.284.5.0.54.0.62.194.27.296.184.1.0.17.86.0.160.356"),
)
"""Schedules that have found something, as they were printed."""

WITHIN = 300
"""Schedules within which a mistake is found: a tenth of a minute's."""

Mistake = Callable[[], AbstractContextManager[None]]


def _with(make: Make, name: str, mistaken: type[Any]) -> Make:
    return type(f"{make.__name__}{mistaken.__name__}", (make,), {name: mistaken})


MUTANTS: tuple[tuple[Make, Mistake], ...] = (
    *((_with(OfPipeline, "pipeline", one), nullcontext) for one in mutants_of_pipeline.PIPELINES),
    (OfPipeline, mutants_of_pipeline.comparing_nothing),
    (OfPipeline, mutants_of_pipeline.never_loading_again),
    *((_with(OfRelay, "relay", one), nullcontext) for one in mutants_of_relay.RELAYS),
    *((OfDetection, one) for one in mutants_of_detection.MISTAKES),
    *((OfAlerting, one) for one in mutants_of_alerting.MISTAKES),
)


@pytest.fixture(autouse=True)
def _models() -> Iterator[None]:
    with seams():
        yield


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_nothing_is_wrong_in_schedules_of_fixed_seeds(make: Make) -> None:
    for seed in range(SEEDS[make.name]):
        _, failure = of_seed(make, seed)
        assert failure is None, f"seed {seed}\n{smallest(make, failure)}"


@pytest.mark.parametrize(("make", "choices"), KEPT)
def test_what_a_schedule_found_once_stays_mended(make: Make, choices: str) -> None:
    assert of_choices(make, read(choices))[1] is None


def found(make: Make) -> Failure:
    """The first failure among so many schedules."""
    for seed in range(WITHIN):
        if (failure := of_seed(make, seed)[1]) is not None:
            return failure
    raise AssertionError(f"{WITHIN} schedules have not found the mistake of {make.__name__}")


@pytest.mark.parametrize(("make", "mistake"), MUTANTS)
def test_a_mistake_is_found(make: Make, mistake: Mistake) -> None:
    with mistake():
        assert found(make).what


def test_a_failing_schedule_is_shrunk_and_fails_again_as_it_is_printed() -> None:
    with mutants_of_pipeline.comparing_nothing():
        failure = found(OfPipeline)
        least = smallest(OfPipeline, failure, seconds=2)
        assert sum(map(len, least.drawn)) < sum(map(len, failure.drawn)) / 3
        word = str(least).rpartition("choices: ")[2]
        again = of_choices(OfPipeline, read(word))[1]
    assert again is not None
    assert (again.what, again.told) == (least.what, least.told)
    assert of_choices(OfPipeline, read(word))[1] is None, "without the mistake nothing is wrong in it"


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_schedule_is_its_seeds_alone(make: Make) -> None:
    (one, _), (other, _) = of_seed(make, 5), of_seed(make, 5)
    assert one.drawn == other.drawn
    assert one.told == other.told
    assert of_choices(make, one.drawn)[0].told == one.told, "and its choices'"


def test_choices_are_shrunk_to_what_matters() -> None:
    drawn = [3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5, 8, 9, 7, 9]
    least = shrunk(drawn, lambda one: 9 in one[0] and 8 in one[1], seconds=1)
    assert least == ([9], [0, 0, 0, 8])
    assert read(written(least)) == least
    assert written(([0, 0], [])) == "0-0"
