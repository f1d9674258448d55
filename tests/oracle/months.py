"""Months are strings such as `2021-06`: they compare as months do."""

from __future__ import annotations

from datetime import date


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(month: str) -> date:
    """The first day of a month."""
    return date.fromisoformat(month + "-01")


def plus_months(month: str, count: int) -> str:
    """The month `count` months later."""
    ordinal = int(month[:4]) * 12 + int(month[5:]) - 1 + count
    return f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}"
