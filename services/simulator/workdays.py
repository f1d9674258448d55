"""Spans of time as the rules count them: working days, and months to the same day.

The holidays are the State Council's, as the package ``chinesecalendar`` has them.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays

from services.simulator import months


def is_worked(day: date) -> bool:
    """Whether a day is a working day: Monday to Friday, but for holidays, and what makes up for these."""
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def working_days_after(day: date, count: int) -> date:
    """The day that is so many working days after another."""
    while count:
        day += timedelta(days=1)
        count -= is_worked(day)
    return day


def arranged(year: int) -> tuple[list[str], list[str]]:
    """The holidays of a year, and the Saturdays and Sundays that are worked; nothing where none is known."""
    return _of(year, holidays), _of(year, workdays)


def _of(year: int, days: Iterable[date]) -> list[str]:
    return sorted(day.isoformat() for day in days if day.year == year)


def months_after(day: date, count: int) -> date:
    """The same day some months later, or that month's last day where it is shorter."""
    return months.day(months.of(day) + count, day.day)
