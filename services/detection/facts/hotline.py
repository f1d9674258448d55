"""Calls to the hotline, as the call's number keeps them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class Called(Body, frozen=True, tag="called"):
    """Somebody called; ``date`` is the day in China, ``due_on`` the last day for the reply where it says so.

    ``asked``: whether there was a matter with a code.
    """

    division: str | None
    picked_up: bool
    asked: bool
    due_on: str | None


class CallAnswered(Body, frozen=True, tag="call_answered"):
    """What was asked was answered, or a missed call called back; ``date`` is the day in China."""

    called_back: bool


def _called(event: Event) -> list[Kept]:
    data = event.data
    body = Called(
        str(event.event_id),
        business_date(event),
        data.division,
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
    FactType(name="dibao.hotline.called.v1", bodies=(Called,), keep=_called),
    FactType(name="dibao.hotline.answered.v1", bodies=(CallAnswered,), keep=_answered),
)
