"""A scheme: one story that befalls one household, told a month at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.simulator.household import Household
from services.simulator.street import ANYBODY, Cast, Street

Story = Callable[[Street, Household], Iterator[None]]
"""Runs before the month's regular payments; each ``yield`` waits for the next month."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A class of irregularity, or of a lawful look-alike, and how often it happens in the street.

    ``length`` is how many months the story needs within the run; ``per_1200`` how many begin per 1,200
    households; ``raised`` whether it only makes sense after the policy was raised; ``late`` whether it
    begins in the last year only (it would otherwise go on for years).
    """

    rule: str
    case: str
    story: Story
    length: int
    per_1200: int
    cast: Cast = ANYBODY
    raised: bool = False
    late: bool = False
