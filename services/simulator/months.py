"""Calendar months as plain integers (year × 12 + month − 1), because months are counted and compared."""

from calendar import monthrange
from datetime import date
from functools import cache

Month = int


def parse(text: str) -> Month:
    """The month of ``2021-06``. Raises ValueError for anything else."""
    year, separator, month = text.partition("-")
    if separator != "-" or len(year) != 4 or len(month) != 2 or not 1 <= int(month) <= 12:
        raise ValueError(f"a month looks like 2021-06, not {text!r}")
    return int(year) * 12 + int(month) - 1


def of(day: date) -> Month:
    """The month in which a day lies."""
    return day.year * 12 + day.month - 1


@cache
def text(month: Month) -> str:
    """``2021-06``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def number(month: Month) -> int:
    """The month of the year, 1 to 12."""
    return month % 12 + 1


def last_day(month: Month) -> date:
    """The last day of a month."""
    return days(month)[-1]


def day(month: Month, number: int) -> date:
    """The given day of a month, or the last one where the month is shorter."""
    found = days(month)
    return found[number - 1] if number <= len(found) else found[-1]


@cache
def days(month: Month) -> tuple[date, ...]:
    """Every day of a month, in order."""
    year, number = month // 12, month % 12 + 1
    return tuple(date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1))
