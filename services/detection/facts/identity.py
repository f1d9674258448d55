"""Who is who: persons known by another number, households that became one."""

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


def _corrected(event: Event) -> list[Kept]:
    data = event.data
    old, new = data.person.person_id, data.corrected.person_id
    if old == new:  # another name
        return []
    return [Kept("identity:person", Corrected(str(event.event_id), business_date(event), old, new))]


def _merged(event: Event) -> list[Kept]:
    data = event.data
    body = Merged(str(event.event_id), business_date(event), data.household_no, list(data.merged))
    return [Kept("identity:household", body)]


FACTS = (
    FactType(name="dibao.identity.corrected.v1", bodies=(Corrected,), keep=_corrected),
    FactType(name="dibao.identity.households_merged.v1", bodies=(Merged,), keep=_merged),
)
