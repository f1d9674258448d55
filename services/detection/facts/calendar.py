"""Closed days."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept


class DayClosed(Body, frozen=True, tag="day_closed"):
    """``date`` is the day; ``cut`` is {topic: {partition: next offset}}."""

    cut: dict[str, dict[str, int]]


def _day_closed(event: Event) -> list[Kept]:
    day = event.data.day.isoformat()
    # The day stands where other facts have their month, so that it can be asked for.
    return [Kept("calendar:day", DayClosed(str(event.event_id), day, event.data.cut), day)]


FACTS = (FactType(name="dibao.calendar.day_closed.v1", bodies=(DayClosed,), keep=_day_closed),)
