"""Working days: Monday to Friday, less the holidays and plus the make-up days, as years are arranged."""

from __future__ import annotations

from datetime import date

import pytest

from services.detection.calendar import WorkingDays
from services.detection.facts.calendar import YearArranged

OF_2021 = YearArranged(
    "e1", "2020-11-25", 1, 2021, ["2021-10-01", "2021-10-04", "2021-10-05"], ["2021-09-26", "2021-10-09"]
)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2021-03-05", 0, "2021-03-05"),  # a Friday
        ("2021-03-05", 1, "2021-03-08"),
        ("2021-03-06", 1, "2021-03-08"),  # a Saturday
        ("2021-03-01", 5, "2021-03-08"),
        ("2021-03-01", 10, "2021-03-15"),
    ],
)
def test_a_year_that_nobody_arranged_is_monday_to_friday(day: str, days: int, expected: str) -> None:
    assert WorkingDays().later(day, days) == expected


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2021-09-24", 1, "2021-09-26"),  # a Sunday that is worked
        ("2021-09-24", 2, "2021-09-27"),
        ("2021-09-30", 1, "2021-10-06"),  # three holidays and a weekend later
        ("2021-09-30", 4, "2021-10-09"),  # a Saturday that is worked
        ("2021-12-31", 1, "2022-01-03"),  # the next year is not arranged
    ],
)
def test_holidays_are_not_counted_and_make_up_days_are(day: str, days: int, expected: str) -> None:
    assert WorkingDays([OF_2021]).later(day, days) == expected


def test_the_latest_arrangement_of_a_year_holds_whatever_the_order() -> None:
    later = YearArranged("e0", "2021-01-05", 2, 2021, ["2021-10-01"], [])
    same = YearArranged("e2", "2021-01-05", 2, 2021, [], [])
    other_year = YearArranged("e3", "2021-11-25", 3, 2022, ["2022-01-03"], [])
    for facts in ([OF_2021, later, other_year], [other_year, later, OF_2021]):
        assert WorkingDays(facts).later("2021-09-30", 1) == "2021-10-04"
        assert WorkingDays(facts).later("2021-12-31", 1) == "2022-01-04"
    assert WorkingDays([same, later, OF_2021]).later("2021-09-30", 1) == "2021-10-01"


def test_what_never_comes_ends_with_the_calendar() -> None:
    assert WorkingDays().later("9999-12-30", 10) == date.max.isoformat()
    assert WorkingDays().later("2021-01-01", 10**12) == date.max.isoformat()
