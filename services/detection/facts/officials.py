"""Posts, as the official's number keeps them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class Appointed(Body, frozen=True, tag="appointed"):
    """A person takes up a post; ``date`` is appointed_on."""

    appointment_no: str


class LeftPost(Body, frozen=True, tag="left_post"):
    """A person gives a post up; ``date`` is left_on, the last day in office."""

    appointment_no: str


def _appointed(event: Event) -> list[Kept]:
    data = event.data
    body = Appointed(str(event.event_id), business_date(event), data.appointment_no)
    return [Kept("official:" + data.official_no, body)]


def _left(event: Event) -> list[Kept]:
    data = event.data
    body = LeftPost(str(event.event_id), business_date(event), data.appointment_no)
    return [Kept("official:" + data.official_no, body)]


FACTS = (
    FactType(name="dibao.officials.appointed.v1", bodies=(Appointed,), keep=_appointed),
    FactType(name="dibao.officials.left.v1", bodies=(LeftPost,), keep=_left),
)
