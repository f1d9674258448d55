"""Schemes, told of one household a month at a time, and deeds, done in one go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from services.simulator.household import Household
from services.simulator.street import ANYBODY, Cast, Street

Story = Callable[[Street, Household], Iterator[None]]
"""Runs before the month's regular payments; each ``yield`` waits for the next month."""

Act = Callable[[Street, Random], None]
"""Runs once, before the month's regular payments; has a stream of chance of its own."""


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


@dataclass(frozen=True, slots=True)
class Deed:
    """An irregularity, or a lawful look-alike, that disturbs no household: what is done, and how often.

    ``length`` is how many months must be left of the run, so that it can come out; ``within``: it happens in
    the last so many months only; ``begins`` and ``ends``: not before and not after that month, such as
    ``2021-07``.
    """

    rule: str
    case: str
    act: Act
    length: int
    per_1200: int
    within: int | None = None
    begins: str | None = None
    ends: str | None = None
