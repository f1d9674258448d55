"""What may go wrong on lines, and how long things take: drawn once for a schedule, so that these differ."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.simulation.choices import Choices

FINE: Final = "fine"
UNSENT: Final = "unsent"
"""The line fails before the server has heard anything."""
UNANSWERED: Final = "unanswered"
"""The server has done it, and the line fails before the answer is there."""

_PACES: Final = (
    (0.0, 0.0, 0.0, 0.001, 0.001, 0.002),
    (0.0, 0.0, 0.001, 0.004, 0.01, 0.05),
    (0.0, 0.002, 0.01, 0.05, 0.2, 1.0),
    (0.0, 0.05, 0.2, 0.5, 1.5, 4.0),
)
"""Seconds that a message may be on its way, by how slow all is."""
_FAILURES: Final = (0, 1, 4, 12)
"""How many of so many messages and answers are lost."""
_OUTCOMES: Final = 360


class Line(NamedTuple):
    """What becomes of a question: its fate, and how long it takes there, and the answer back."""

    fate: str
    there: float
    back: float


class Faults:
    """How this schedule's lines are."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        pace = _PACES[choices.weighted((3, 4, 2, 1))]
        failures = _FAILURES[choices.weighted((3, 3, 3, 1))]
        fine = [Line(FINE, there, back) for there in pace for back in pace]
        lost = [Line(fate, pace[at % 6], 0.0) for at in range(failures) for fate in (UNSENT, UNANSWERED)]
        self._outcomes = (fine * (_OUTCOMES // len(fine)))[: _OUTCOMES - len(lost)] + lost
        self._pace = pace
        self.is_quiet = False

    def cease(self) -> None:
        """From now on nothing fails, and all is quick."""
        self.is_quiet = True

    def line(self) -> Line:
        """What becomes of a question."""
        if self.is_quiet:
            return _QUIET
        return self._outcomes[self._choices.draw(_OUTCOMES)]

    def delay(self) -> float:
        """How long a message takes, in seconds."""
        return 0.001 if self.is_quiet else self._pace[self._choices.draw(len(self._pace))]

    def unnoticed(self) -> float:
        """How long the other end does not see that a line has failed, in seconds."""
        return 0.0 if self.is_quiet else (0.0, 0.5, 5.0)[self._choices.weighted((4, 1, 1))]


_QUIET = Line(FINE, 0.0, 0.001)
