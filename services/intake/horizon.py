"""Time travel: what is said to have happened long after it was received cannot have happened."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from events.form import Fact
from events.values import Day, Instant, local_date
from services.intake.answers import Fault
from services.intake.places import Places
from services.intake.sentences import Sentence, say

_HAVE_COME = Places(Day, Instant)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The last instant at which something that is received now may have happened.

    It is the wall clock and a span (``max_ahead_hours`` of the settings), as clocks differ. No business
    decision reads it: what was accepted stays accepted.
    """

    latest: datetime
    day: date
    hours: float

    @classmethod
    def now(cls, hours: float) -> "Horizon":
        """Return the horizon of this moment."""
        latest = datetime.now(UTC) + timedelta(hours=hours)
        return cls(latest, local_date(latest), hours)

    def exceeded(self, time: datetime) -> Sentence | None:
        """Return what was expected instead of an instant beyond the horizon."""
        return say("instant-ahead", hours=f"{self.hours:g}") if time > self.latest else None

    def exceeding(self, fact: Fact) -> list[Fault]:
        """Return the fields of a fact that lie beyond the horizon, and what was expected there.

        What may lie ahead (``DayAhead``, ``InstantAhead``) may, as may months.
        """
        found: list[Fault] = []
        for _, place, value in _HAVE_COME.values(fact):
            if isinstance(value, datetime):
                if (expected := self.exceeded(value)) is not None:
                    found.append(Fault(f"data.{place}", expected))
            elif value > self.day:
                found.append(Fault(f"data.{place}", say("day-ahead", hours=f"{self.hours:g}")))
        return found
