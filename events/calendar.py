"""The closing of days: the stable cut of "recorded"."""

from events.event_type import EventType
from events.form import Fact
from events.values import Day
from events.voids import CalendarVoided


class DayClosed(Fact):
    """``day`` is closed; ``cut`` gives the next offset of every partition: {topic: {partition: offset}}.

    "Recorded by day D" means below D's cut. Published by dibao's own closer.
    """

    day: Day
    cut: dict[str, dict[str, int]]


DAY_CLOSED = "dibao.calendar.day_closed.v1"

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
        name="dibao.calendar.voided.v1",
        readable=CalendarVoided,
        model=CalendarVoided,
        undoes={DAY_CLOSED: ("day",)},
        from_upstream=False,
    ),
)
