"""A district of streets, lived through side by side, day by day: in memory are all its households."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from services.simulator.chronicle import Chronicle
from services.simulator.labels import Totals
from services.simulator.post import Day
from services.simulator.settings import Settings


def simulate(settings: Settings) -> Iterator[Day]:
    """Every day of the run, in order, with what upstream hands over on it (also days with nothing).

    Whoever wants the labels as well makes a ``World`` and reads them after the last day.
    """
    return World(settings).days()


class World:
    """One run. ``days`` may be walked once, and as far as one likes; labels are complete after the last.

    Streets know nothing of one another, share no numbers and no people, and each has its chances from the
    seed and its own number: so a ``Recording``, which lives through them one after another, is the same run.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._streets = [Chronicle(settings, number) for number in range(settings.streets)]

    def days(self) -> Iterator[Day]:
        """The days of the run. What is handed over on a day is ordered by street."""
        for days in zip(*(street.days() for street in self._streets), strict=True):
            yield Day(days[0].day, tuple(chain.from_iterable(day.facts for day in days)))

    def document(self) -> dict[str, Any]:
        """The content of ``labels.json``."""
        totals = Totals()
        for street in self._streets:
            totals.add(street.totals())
        document = head(self.settings, totals)
        for street in self._streets:
            for name, records in street.labels.lists().items():
                document.setdefault(name, []).extend(records)
        return document


def head(settings: Settings, totals: Totals) -> dict[str, Any]:
    """What ``labels.json`` says before the labels themselves."""
    return {
        "settings": settings.document(),
        "seed": settings.seed,
        "as_of": settings.as_of.isoformat(),
        "totals": totals.document(),
    }
