"""Time travel: what is said to have happened long after it was received cannot have happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from events.form import Fact
from events.values import Day, Instant, local_date

Path = tuple[str, ...]


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

    def exceeded(self, time: datetime) -> str | None:
        """Return what was expected instead of an instant beyond the horizon."""
        return (
            f"an instant that has come, or comes within {self.hours:g} hours" if time > self.latest else None
        )

    def exceeding(self, fact: Fact) -> tuple[str, str] | None:
        """Return the first field of a fact that lies beyond the horizon, and what was expected there.

        What may lie ahead (``DayAhead``, ``InstantAhead``) may, as may months.
        """
        for path in _paths(type(fact)):
            for name, value in _at(fact, path, ""):
                if isinstance(value, datetime):
                    if (expected := self.exceeded(value)) is not None:
                        return name, expected
                elif value > self.day:
                    return name, f"a day that has come, or comes within {self.hours:g} hours"
        return None


@cache
def _paths(model: type[BaseModel]) -> tuple[Path, ...]:
    return tuple(_in_model(model, ()))


def _in_model(model: type[BaseModel], path: Path) -> Iterator[Path]:
    for name, info in model.model_fields.items():
        hint: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        yield from _in_hint(hint, (*path, name))


def _in_hint(hint: Any, path: Path) -> Iterator[Path]:
    if hint in (Day, Instant):
        yield path
    elif get_origin(hint) is Annotated:
        yield from _in_hint(get_args(hint)[0], path)
    elif get_origin(hint) is list:
        yield from _in_hint(get_args(hint)[0], (*path, "*"))
    elif get_args(hint):
        for option in get_args(hint):
            yield from _in_hint(option, path)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _in_model(hint, path)


def _at(value: Any, path: Path, name: str) -> Iterator[tuple[str, date | datetime]]:
    if value is None:
        return
    if not path:
        yield name, value
    elif path[0] == "*":
        for at, item in enumerate(value):
            yield from _at(item, path[1:], f"{name}.{at}")
    else:
        yield from _at(getattr(value, path[0]), path[1:], f"{name}.{path[0]}" if name else path[0])
