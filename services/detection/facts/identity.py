"""Who is who: persons known by another number, households that became one, or are part of others now."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class Corrected(Body, frozen=True, tag="corrected"):
    """A person is known by another number; ``date`` is corrected_on."""

    person: str
    corrected: str


class Merged(Body, frozen=True, tag="merged"):
    """Households became one, which keeps ``household_no``; ``date`` is merged_on."""

    household_no: str
    merged: list[str]


class MovedOn(Body, frozen=True, tag="moved_on"):
    """The household is part of others now, its number no longer used; ``date`` is merged_on or split_on."""


class HouseholdMoved(Body, frozen=True, tag="household_moved"):
    """A household lives in another division; ``date`` is moved_on."""

    division: str


def _corrected(event: Event) -> list[Kept]:
    data = event.data
    old, new = data.person.person_id, data.corrected.person_id
    if old == new:  # another name
        return []
    return [Kept("identity:person", Corrected(str(event.event_id), business_date(event), old, new))]


def _merged(event: Event) -> list[Kept]:
    data = event.data
    event_id, day = str(event.event_id), business_date(event)
    whole = Merged(event_id, day, data.household_no, list(data.merged))
    gone = MovedOn(event_id, day)
    return [Kept("identity:household", whole), *(Kept("leaving:" + number, gone) for number in data.merged)]


def _divided(event: Event) -> list[Kept]:
    data = event.data
    if any(part.household_no == data.household_no for part in data.parts):
        return []  # it goes on as one of its parts
    return [Kept("leaving:" + data.household_no, MovedOn(str(event.event_id), business_date(event)))]


def _moved(event: Event) -> list[Kept]:
    data = event.data
    body = HouseholdMoved(str(event.event_id), business_date(event), data.division)
    return [Kept("household:" + data.household_no, body)]


FACTS = (
    FactType(name="dibao.identity.corrected.v1", bodies=(Corrected,), keep=_corrected),
    FactType(name="dibao.identity.households_merged.v1", bodies=(Merged, MovedOn), keep=_merged),
    FactType(name="dibao.identity.household_split.v1", bodies=(MovedOn,), keep=_divided),
    FactType(name="dibao.identity.household_moved.v1", bodies=(HouseholdMoved,), keep=_moved),
)
