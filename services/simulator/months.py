"""Calendar months as plain integers (year × 12 + month − 1), because months are counted and compared."""

from calendar import monthrange
from datetime import date, timedelta

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


def text(month: Month) -> str:
    """``2021-06``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def number(month: Month) -> int:
    """The month of the year, 1 to 12."""
    return month % 12 + 1


def last_day(month: Month) -> date:
    """The last day of a month."""
    return date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1])


def day(month: Month, number: int) -> date:
    """The given day of a month, or the last one where the month is shorter."""
    return min(date(month // 12, month % 12 + 1, 1) + timedelta(days=number - 1), last_day(month))


def days(month: Month) -> list[date]:
    """Every day of a month, in order."""
    last = last_day(month)
    return [last.replace(day=number) for number in range(1, last.day + 1)]
