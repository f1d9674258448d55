"""Spans of time as the rules count them: working days, and months to the same day."""

from datetime import date, timedelta

from services.simulator import months


def working_days_after(day: date, count: int) -> date:
    """The day that is so many working days after another: Monday to Friday.

    Public holidays are no part of it, because no upstream fact states them.
    """
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def months_after(day: date, count: int) -> date:
    """The same day some months later, or that month's last day where it is shorter."""
    return months.day(months.of(day) + count, day.day)
