"""Screenings of people at risk, as the screening's number keeps them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class ScreeningListed(Body, frozen=True, tag="screening_listed"):
    """A person stands on a list; ``date`` is listed_on."""

    person: str
    household_no: str | None
    division: str


class ScreeningConcluded(Body, frozen=True, tag="screening_concluded"):
    """What came of it; ``date`` is concluded_on."""

    outcome: str
    application_no: str | None


class ScreeningAssessed(Body, frozen=True, tag="screening_assessed"):
    """What the person can do was looked at; ``date`` is assessed_on, ``policies`` those that apply."""

    policies: list[str]


def _kept(event: Event, body: Body) -> list[Kept]:
    return [Kept("screening:" + event.data.screening_no, body)]


def _listed(event: Event) -> list[Kept]:
    data = event.data
    person = data.person.person_id
    body = ScreeningListed(
        str(event.event_id), business_date(event), person, data.household_no, data.division
    )
    return _kept(event, body)


def _assessed(event: Event) -> list[Kept]:
    policies = sorted(set(event.data.policies))
    return _kept(event, ScreeningAssessed(str(event.event_id), business_date(event), policies))


def _concluded(event: Event) -> list[Kept]:
    data = event.data
    body = ScreeningConcluded(str(event.event_id), business_date(event), data.outcome, data.application_no)
    return _kept(event, body)


FACTS = (
    FactType(name="dibao.screening.listed.v1", bodies=(ScreeningListed,), keep=_listed),
    FactType(name="dibao.screening.assessed.v1", bodies=(ScreeningAssessed,), keep=_assessed),
    FactType(name="dibao.screening.concluded.v1", bodies=(ScreeningConcluded,), keep=_concluded),
)
