"""A subject's facts without a month, by their stored text: the same text is decoded once."""

from functools import lru_cache

from services.detection import facts
from services.detection.subjects.subject import Lasting

NOTHING = Lasting()


_LONGEST = 64 * 1024
"""Longer texts, in characters, are not kept: those of large subjects would fill the memory, once a look."""


def lasting(joined: str) -> Lasting:
    """Return the facts of stored texts that were joined with commas."""
    return _kept(joined) if len(joined) <= _LONGEST else Lasting(facts.decode(joined))


def forget() -> None:
    """Keep none of those that were made: for whoever looks at each subject once."""
    _kept.cache_clear()


@lru_cache(maxsize=8192)
def _kept(joined: str) -> Lasting:
    return Lasting(facts.decode(joined))
