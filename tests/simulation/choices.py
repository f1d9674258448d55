"""All that a schedule leaves to chance, as numbers: drawn from a seed, kept, replayed and shrunk."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import groupby
from time import monotonic

Numbers = Sequence[int]


class Choices:
    """Draws numbers, of which 0 is always the calmest: no fault, no delay, who came first.

    ``replay``: what was drawn before; behind its end all is calm.
    """

    def __init__(self, seed: int | str = 0, replay: Numbers | None = None) -> None:
        self._random = random.Random(seed)
        self._replay = replay
        self.taken: list[int] = []

    def draw(self, count: int) -> int:
        """Return a number from 0 to below ``count``, each as often."""
        if self._replay is None:
            found = int(self._random.random() * count)
        else:
            found = min(self._next(self._replay), count - 1)
        self.taken.append(found)
        return found

    def weighted(self, weights: Sequence[int]) -> int:
        """Return the number of a weight, as often as it says; that of the first is the calmest."""
        if self._replay is None:
            at = self._random.random() * sum(weights)
            found = 0
            while at >= weights[found]:
                at -= weights[found]
                found += 1
        else:
            found = min(self._next(self._replay), len(weights) - 1)
        self.taken.append(found)
        return found

    def once_in(self, count: int) -> bool:
        """Return whether something happens that happens once in so many times."""
        if self._replay is None:
            found = int(self._random.random() * count < 1)
        else:
            found = min(self._next(self._replay), 1)
        self.taken.append(found)
        return found == 1

    def _next(self, replay: Numbers) -> int:
        at = len(self.taken)
        return replay[at] if at < len(replay) else 0


Drawn = tuple[Numbers, Numbers]
"""The choices of a schedule: its plan (what is done, what fails when), and chance (delays, turns, lines)."""


def shrunk(drawn: Drawn, fails: Callable[[Drawn], bool], *, seconds: float = 20.0) -> Drawn:
    """Return choices that still fail and are calmer: shorter, and 0 wherever that does not matter.

    ``fails``: whether a schedule of these choices fails as the first did.
    """
    until = monotonic() + seconds
    best = _trimmed(drawn[0]), _trimmed(drawn[1])

    def better(which: int, numbers: list[int]) -> bool:
        nonlocal best
        numbers = _trimmed(numbers)
        if numbers == best[which] or monotonic() > until:
            return False
        one = (numbers, best[1]) if which == 0 else (best[0], numbers)
        if not fails(one):
            return False
        best = one
        return True

    before = None
    while before != best and monotonic() < until:
        before = best
        for which in (1, 0):
            _shorten(lambda: best[which], lambda numbers: better(which, numbers))  # noqa: B023
        _without(lambda: best[0], lambda numbers: better(0, numbers))
    return best


def _shorten(best: Callable[[], list[int]], better: Callable[[list[int]], bool]) -> None:
    """Make numbers 0: at the end, then in halves, quarters, and one by one; what stays, smaller."""
    better([])
    low, high = 0, len(best())
    while low < high:
        middle = (low + high) // 2
        if better(best()[:middle]):
            high = min(middle, len(best()))
        else:
            low = middle + 1
    size = max(1, len(best()) // 2)
    while size:
        at = 0
        while at < len(best()):
            now = best()
            if any(now[at : at + size]):
                better([*now[:at], *[0] * len(now[at : at + size]), *now[at + size :]])
            at += size
        size //= 2
    for at in range(len(best())):
        while at < len(now := best()) and now[at] > 1 and better([*now[:at], now[at] // 2, *now[at + 1 :]]):
            pass


def _without(best: Callable[[], list[int]], better: Callable[[list[int]], bool]) -> None:
    """Take numbers out."""
    for size in (8, 4, 3, 2, 1):
        at = 0
        while at < len(now := best()):
            if not better([*now[:at], *now[at + size :]]):
                at += 1


def _trimmed(numbers: Numbers) -> list[int]:
    """Return numbers without the calm ones at the end."""
    end = len(numbers)
    while end and numbers[end - 1] == 0:
        end -= 1
    return list(numbers[:end])


def written(drawn: Drawn) -> str:
    """Return choices as a word to be given to ``make simulate``: ``3.0x12.1-7``."""
    return "-".join(_word(numbers) for numbers in drawn)


def _word(numbers: Numbers) -> str:
    parts = []
    for value, run in groupby(_trimmed(numbers)):
        count = len(list(run))
        parts.append(f"{value}x{count}" if count > 1 else str(value))
    return ".".join(parts) or "0"


def read(word: str) -> Drawn:
    """Return the choices of a word. Raises ValueError where it is none."""
    plan, chance = word.split("-")
    return _numbers(plan), _numbers(chance)


def _numbers(word: str) -> list[int]:
    found: list[int] = []
    for part in word.split("."):
        value, _, count = part.partition("x")
        found += [int(value)] * int(count or "1")
    return found
