"""What befalls a deployment: dealt to two seeds, so that nothing is left out, in an order that each draws."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.chaos.proxy import Mode

Card = TypeVar("Card")

RELAY = "relay.published"
DEATHS = ("detection.before_commit", "detection.after_commit", "detection.evaluated", RELAY)
"""Before and after the commit of the ingest, before that of an evaluation, between publishing and marking."""

BEFORE = "detection.before_transaction"
INSIDE = ("detection.before_commit", "detection.evaluated")
"""Where a worker freezes: with a batch in its hands, and then it comes back and is refused; or with an open
transaction and its locks, and then it is killed frozen. (That one comes back is in the pipeline's tests.)"""

SERVERS = ("kafka", "postgres")
LINES = ("kafka", "postgres", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Of one seed. ``deaths``: points at which detection dies; ``freeze``: where it freezes.

    ``killed``: the server that dies alone; ``halved``: the one that dies with half of the services;
    ``failing``: how each line fails for a while.
    """

    seed: int
    deaths: tuple[str, ...]
    freeze: str
    killed: str
    halved: str
    failing: tuple[tuple[str, Mode], ...]

    def befalling(self) -> set[str]:
        """Return all that is to happen, as the scenario names it."""
        return {
            *(f"{part} killed" for part in ("intake", "projector", "detection", self.killed)),
            *(f"death at {point}" for point in self.deaths),
            f"frozen at {self.freeze}",
            *(f"reset after a COMMIT of {who}" for who in ("detection", "projector", "intake")),
            *(f"reset after a Produce to the {topic}" for topic in ("log", "intake topic", "anomalies")),
            "reset after a POST",
            "everything reset",
            *(f"{line}: {mode}" for line, mode in self.failing),
            f"{self.halved} and half of the services killed",
        }


def deal(seed: int) -> tuple[Hand, Hand]:
    """Return what befalls under a seed, and under the one after it."""
    chance = random.Random(seed)

    def shuffled(cards: Sequence[Card]) -> list[Card]:
        return chance.sample(cards, k=len(cards))

    deaths, servers = shuffled(DEATHS), shuffled(SERVERS)
    modes = [shuffled((Mode.LOST, Mode.HALF_OPEN)) for _ in LINES]
    freezes = shuffled((BEFORE, chance.choice(INSIDE)))
    first, second = (
        Hand(
            seed=seed + place,
            deaths=tuple(deaths[place::2]),
            freeze=freezes[place],
            killed=servers[place],
            halved=servers[1 - place],
            failing=tuple((line, mode[place]) for line, mode in zip(LINES, modes, strict=True)),
        )
        for place in (0, 1)
    )
    return first, second
