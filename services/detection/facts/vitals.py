"""Deaths, as persons keep them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept


class Died(Body, frozen=True, tag="died"):
    """``date`` is died_on."""

    person: str


def _died(event: Event) -> list[Kept]:
    person = event.data.person.person_id
    return [Kept("person:" + person, Died(str(event.event_id), event.data.died_on.isoformat(), person))]


FACTS = (FactType(name="dibao.vitals.died.v1", bodies=(Died,), keep=_died),)
