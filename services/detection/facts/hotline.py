"""Calls to the hotline, as the call's number keeps them; turns of duty, as their line on each day does."""

from datetime import datetime, timedelta

from events.envelope import Event
from events.values import SHANGHAI
from services.detection.facts.fact import Body, FactType, Kept, business_date, micros

LONGEST = 31
"""Days of a turn of duty that each keep it. What is longer, by mistake mostly, stands with its line once."""


class Rostered(Body, frozen=True, tag="rostered"):
    """Somebody is on duty: the minutes ``begins`` ≤ m < ``ends`` since 1970."""

    begins: int
    ends: int


class Called(Body, frozen=True, tag="called"):
    """Somebody called; ``date`` is the day in China, ``due_on`` the last day for the reply where it says so.

    ``minute``: when, since 1970; ``asked``: whether there was a matter with a code.
    """

    division: str | None
    line: str
    minute: int
    picked_up: bool
    asked: bool
    due_on: str | None


class CallAnswered(Body, frozen=True, tag="call_answered"):
    """What was asked was answered, or a missed call called back; ``date`` is the day in China."""

    called_back: bool


def _minute(instant: datetime) -> int:
    return micros(instant) // 60_000_000


def _rostered(event: Event) -> list[Kept]:
    data = event.data
    begins, ends = _minute(data.begins_at), _minute(data.ends_at)
    body = Rostered(str(event.event_id), business_date(event), begins, ends)
    if data.ends_at - data.begins_at > timedelta(days=LONGEST):
        return [Kept(f"duty:{data.line}/", body)]
    first = data.begins_at.astimezone(SHANGHAI).date()
    last = (data.ends_at - timedelta(minutes=1)).astimezone(SHANGHAI).date()
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    return [Kept(f"duty:{data.line}/{day.isoformat()}", body) for day in days]


def _called(event: Event) -> list[Kept]:
    data = event.data
    body = Called(
        str(event.event_id),
        business_date(event),
        data.division,
        data.line,
        _minute(data.called_at),
        data.picked_up,
        data.matter_code is not None,
        None if data.due_on is None else data.due_on.isoformat(),
    )
    return [Kept("call:" + data.call_no, body)]


def _answered(event: Event) -> list[Kept]:
    data = event.data
    body = CallAnswered(str(event.event_id), business_date(event), data.called_back)
    return [Kept("call:" + data.call_no, body)]


FACTS = (
    FactType(name="dibao.hotline.rostered.v1", bodies=(Rostered,), keep=_rostered),
    FactType(name="dibao.hotline.called.v1", bodies=(Called,), keep=_called),
    FactType(name="dibao.hotline.answered.v1", bodies=(CallAnswered,), keep=_answered),
)
