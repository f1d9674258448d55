"""Whether the intake topic of a context is taken, or stands still over a backlog."""

from dataclasses import dataclass
from time import monotonic

from services.intake.sentences import Sentence, say

STALL_SECONDS = 30.0
"""So long nothing is taken, though there is something, before it is said to stand still."""

OPEN_TRANSACTION = "an open transaction"


@dataclass(frozen=True, slots=True)
class Stall:
    """An intake topic that stands still: how many records wait, since when, and for what."""

    lag: int
    seconds: float
    why: str

    def sentence(self) -> Sentence:
        """Return it as a sentence."""
        return say("topic-stands-still", lag=self.lag, seconds=int(self.seconds), why=self.why or "?")


class Backlog:
    """What the consumer of an intake topic says of itself, for who asks how it goes."""

    def __init__(self) -> None:
        self._taken = -1
        self._lag = 0
        self._why = ""
        self._moved_at: float | None = None

    def begin(self) -> None:
        """The consumer begins: before that nothing is expected of it."""
        self._moved_at = monotonic()

    def note(self, taken: int, lag: int, why: str = "") -> None:
        """Note how many records are taken and how many wait; it moves while either says so."""
        if lag <= 0 or taken > self._taken:
            self._moved_at = monotonic()
        self._taken, self._lag, self._why = taken, max(lag, 0), why

    def waits(self, why: str) -> None:
        """Note what the consumer waits for: a class of errors."""
        self._why = why

    def stall(self) -> Stall | None:
        """Return since when nothing moves, where that is too long."""
        if self._moved_at is None:
            return None
        seconds = monotonic() - self._moved_at
        return Stall(self._lag, seconds, self._why) if seconds >= STALL_SECONDS else None
