"""Temporary relief, as the occasion that it was granted for keeps it, and whom it was granted to."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class ReliefGranted(Body, frozen=True, tag="relief_granted"):
    """A person was granted relief for a named occasion; ``date`` is granted_on, ``amount`` in 分."""

    relief_no: str
    person: str
    household_no: str | None
    amount: int


class Relieved(Body, frozen=True, tag="relieved"):
    """A person, or a household, was granted relief; ``date`` is granted_on."""


def _granted(event: Event) -> list[Kept]:
    data = event.data
    relieved = Relieved(str(event.event_id), business_date(event))
    kept = [Kept("relief:" + data.person.person_id, relieved)]
    if data.household_no is not None:
        kept.append(Kept("household_relief:" + data.household_no, relieved))
    if data.occasion_no is None:
        return kept
    body = ReliefGranted(
        str(event.event_id),
        business_date(event),
        data.relief_no,
        data.person.person_id,
        data.household_no,
        data.amount_fen,
    )
    return [*kept, Kept("occasion:" + data.occasion_no, body)]


FACTS = (FactType(name="dibao.relief.granted.v1", bodies=(ReliefGranted, Relieved), keep=_granted),)
