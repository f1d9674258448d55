"""The calendar: days that are closed, the stable cut of "recorded", and which days of a year are worked."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact
from events.values import Day, DayAhead, Label, Year
from events.voids import CalendarVoided

_Days = Annotated[list[DayAhead], Field(max_length=200)]


class DayClosed(Fact):
    """``day`` is closed; ``cut`` gives the next offset of every partition: {topic: {partition: offset}}.

    "Recorded by day D" means below D's cut. Published by dibao's own closer.
    """

    day: Day
    cut: dict[str, dict[str, int]]


class YearArranged(Fact):
    """How the holidays of a year are arranged (R36, R50): time limits in working days are counted by it.

    Working days are Monday to Friday, less the holidays and plus the make-up days. Of several arrangements of
    a year the latest by ``time`` holds. Source: the State Council's yearly notice.
    """

    year: Year
    holidays: _Days
    """Days off, as the document names them; weekends may be left out."""
    working_days: _Days = []
    """Saturdays and Sundays that are worked (调休)."""
    document: Label

    @model_validator(mode="after")
    def _days_of_the_year(self) -> Self:
        for field, days in (("holidays", self.holidays), ("working_days", self.working_days)):
            if any(day.year != self.year for day in days):
                raise unfit("days-of-year", field=field, other="year")
        if not set(self.holidays).isdisjoint(self.working_days):
            raise unfit("days-not-in-both", field="working_days", other="holidays")
        return self


UndoneBecause = Literal["作废", "误报", "录入错误", "重复录入", "日期录入有误", "文件已修订"]
"""Why a year is undone: one of these, for what stands here stands readable on the log (release 1.2.0)."""

DAY_CLOSED = "dibao.calendar.day_closed.v1"
YEAR_ARRANGED = "dibao.calendar.year_arranged.v1"

TYPES: tuple[EventType, ...] = (
    EventType(
        name=DAY_CLOSED,
        readable=DayClosed,
        model=DayClosed,
        key=("day",),
        business_date="day",
        from_upstream=False,
    ),
    EventType(
        name=YEAR_ARRANGED,
        readable=YearArranged,
        model=YearArranged,
        key=("year",),
        requirements=("R36", "R50"),
    ),
    EventType(
        name="dibao.calendar.voided.v1",
        readable=CalendarVoided[UndoneBecause],
        model=CalendarVoided[Label],
        undoes={DAY_CLOSED: ("day",), YEAR_ARRANGED: ("year",)},
    ),
)
