"""Posts, as the official's number and the person who holds them keep them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class Appointed(Body, frozen=True, tag="appointed"):
    """A person takes up a post; ``date`` is appointed_on."""

    appointment_no: str
    official_no: str
    person: str


class LeftPost(Body, frozen=True, tag="left_post"):
    """A person gives a post up; ``date`` is left_on, the last day in office."""

    appointment_no: str


def _appointed(event: Event) -> list[Kept]:
    data = event.data
    person = data.person.person_id
    body = Appointed(str(event.event_id), business_date(event), data.appointment_no, data.official_no, person)
    return [Kept("official:" + data.official_no, body), Kept("person:" + person, body)]


def _left(event: Event) -> list[Kept]:
    data = event.data
    body = LeftPost(str(event.event_id), business_date(event), data.appointment_no)
    kept = [Kept("official:" + data.official_no, body)]
    if data.person is not None:
        kept.append(Kept("person:" + data.person.person_id, body))
    return kept


FACTS = (
    FactType(name="dibao.officials.appointed.v1", bodies=(Appointed,), keep=_appointed),
    FactType(name="dibao.officials.left.v1", bodies=(LeftPost,), keep=_left),
)
