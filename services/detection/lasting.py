"""A subject's facts without a month, by their stored text: the same text is decoded once."""

from functools import lru_cache

from services.detection import facts
from services.detection.subjects.subject import Lasting

NOTHING = Lasting()


@lru_cache(maxsize=8192)
def lasting(joined: str) -> Lasting:
    """Return the facts of stored texts that were joined with commas."""
    return Lasting(facts.decode(joined))
