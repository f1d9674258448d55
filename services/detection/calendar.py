"""Working days: Monday to Friday, less holidays, with the days that make up for them; years as arranged."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.detection.facts.calendar import YearArranged

_FOR_EVER = 100_000
"""So many working days are four hundred years: nothing that runs for longer comes to its end."""


class WorkingDays:
    """The years that were arranged; all others are Monday to Friday. Answers are remembered.

    Of several arrangements of a year the latest counts, by (time, event id).
    """

    def __init__(self, arranged: Iterable[YearArranged] = ()) -> None:
        latest = {fact.year: fact for fact in sorted(arranged, key=lambda fact: (fact.time, fact.event_id))}
        self._holidays = {day for fact in latest.values() for day in fact.holidays}
        self._made_up = {day for fact in latest.values() for day in fact.working_days}
        self._later: dict[tuple[str, int], str] = {}

    def later(self, day: str, days: int) -> str:
        """Return the day so many working days on, the first not counted; the end of the calendar at most."""
        asked = day, days
        found = self._later.get(asked)
        if found is None:
            found = self._later[asked] = self._counted(date.fromisoformat(day), days)
        return found

    def _counted(self, day: date, days: int) -> str:
        if days > _FOR_EVER:
            return date.max.isoformat()
        left = days
        while left > 0:
            if day == date.max:
                break
            day += timedelta(days=1)
            left -= self._is_worked(day)
        return day.isoformat()

    def _is_worked(self, day: date) -> bool:
        text = day.isoformat()
        return text not in self._holidays and (day.weekday() < 5 or text in self._made_up)
