"""Closed days, and which days of a year are worked."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date, micros


class DayClosed(Body, frozen=True, tag="day_closed"):
    """``date`` is the day; ``cut`` is {topic: {partition: next offset}}."""

    cut: dict[str, dict[str, int]]


class YearArranged(Body, frozen=True, tag="year_arranged"):
    """The holidays of a year, and the Saturdays and Sundays that are worked; ``date`` decides nothing."""

    time: int
    year: int
    holidays: list[str]
    working_days: list[str]


def _day_closed(event: Event) -> list[Kept]:
    day = event.data.day.isoformat()
    # The day stands where other facts have their month, so that it can be asked for.
    return [Kept("calendar:day", DayClosed(str(event.event_id), day, event.data.cut), day)]


def _year_arranged(event: Event) -> list[Kept]:
    data = event.data
    body = YearArranged(
        str(event.event_id),
        business_date(event),
        micros(event.time),
        data.year,
        [day.isoformat() for day in data.holidays],
        [day.isoformat() for day in data.working_days],
    )
    return [Kept("calendar:year", body)]


FACTS = (
    FactType(name="dibao.calendar.day_closed.v1", bodies=(DayClosed,), keep=_day_closed),
    FactType(name="dibao.calendar.year_arranged.v1", bodies=(YearArranged,), keep=_year_arranged),
)
