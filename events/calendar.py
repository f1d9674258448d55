"""The closing of days: the stable cut of "recorded"."""

from events.event_type import EventType
from events.form import Fact
from events.values import Day


class DayClosed(Fact):
    """``day`` is closed; ``cut`` gives the next offset of every partition: {topic: {partition: offset}}.

    "Recorded by day D" means below D's cut. Published by dibao's own closer.
    """

    day: Day
    cut: dict[str, dict[str, int]]


TYPES: tuple[EventType, ...] = (
    EventType("dibao.calendar.day_closed.v1", DayClosed, DayClosed, ("day",), "day", from_upstream=False),
)
