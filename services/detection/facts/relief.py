"""Temporary relief, as the occasion that it was granted for keeps it."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class ReliefGranted(Body, frozen=True, tag="relief_granted"):
    """A person was granted relief for a named occasion; ``date`` is granted_on, ``amount`` in 分."""

    relief_no: str
    person: str
    household_no: str | None
    amount: int


def _granted(event: Event) -> list[Kept]:
    data = event.data
    if data.occasion_no is None:
        return []
    body = ReliefGranted(
        str(event.event_id),
        business_date(event),
        data.relief_no,
        data.person.person_id,
        data.household_no,
        data.amount_fen,
    )
    return [Kept("occasion:" + data.occasion_no, body)]


FACTS = (FactType(name="dibao.relief.granted.v1", bodies=(ReliefGranted,), keep=_granted),)
