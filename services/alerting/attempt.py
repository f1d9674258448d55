"""An attempt to deliver a notice, and when the next one is made. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """What became of an attempt.

    ``away``: nobody is there, whatever is sent; ``refused``: this message is not taken; ``gone``: the
    receiver wants nothing ever again.
    """

    DELIVERED = "delivered"
    AWAY = "away"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an attempt: HTTP's or SMTP's status, and the kind of error, which names nobody."""

    outcome: Outcome
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a notice is tried, and how long is waited in between: twice as long each time."""

    tries: int = 36
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)


def next_wait(patience: Patience, attempt: Attempt, tries: int, chance: float) -> timedelta | None:
    """Return how long to wait after the ``tries``-th attempt has failed, None where it was the last.

    ``chance`` (0 to 1) shortens it by up to a half, so that those who failed together do not try together.
    """
    if attempt.outcome is Outcome.GONE or tries >= patience.tries:
        return None
    wait: timedelta = min(patience.first * 2 ** min(tries - 1, 40), patience.longest)
    return (1 - chance / 2) * wait
