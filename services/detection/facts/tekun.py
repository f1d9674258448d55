"""Care of people without means, strength or family, as ``care:`` (the household's number) keeps it."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class CareBegun(Body, frozen=True, tag="care_begun"):
    """A person is supported at home; ``date`` is begun_on."""

    household_no: str
    person: str
    division: str | None


class CareAgreed(Body, frozen=True, tag="care_agreed"):
    """Somebody undertook to care for a person; ``date`` is signed_on, ``valid_to`` the last day."""

    person: str
    valid_to: str


class CareAdmitted(Body, frozen=True, tag="care_admitted"):
    """A person moved into an institution; ``date`` is admitted_on."""

    person: str


def _kept(event: Event, body: Body) -> list[Kept]:
    return [Kept("care:" + event.data.household_no, body)]


def _begun(event: Event) -> list[Kept]:
    data = event.data
    person = data.person.person_id
    return _kept(
        event, CareBegun(str(event.event_id), business_date(event), data.household_no, person, data.division)
    )


def _agreed(event: Event) -> list[Kept]:
    data = event.data
    person, valid_to = data.person.person_id, data.valid_to.isoformat()
    return _kept(event, CareAgreed(str(event.event_id), business_date(event), person, valid_to))


def _admitted(event: Event) -> list[Kept]:
    person = event.data.person.person_id
    return _kept(event, CareAdmitted(str(event.event_id), business_date(event), person))


FACTS = (
    FactType(name="dibao.tekun.dispersed_care_begun.v1", bodies=(CareBegun,), keep=_begun),
    FactType(name="dibao.tekun.care_agreement_signed.v1", bodies=(CareAgreed,), keep=_agreed),
    FactType(name="dibao.tekun.admitted.v1", bodies=(CareAdmitted,), keep=_admitted),
)
