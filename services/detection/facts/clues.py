"""Clues to misconduct, as the clue's number keeps them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class ClueReceived(Body, frozen=True, tag="clue_received"):
    """A clue came in. ``cadre``: it says itself that it concerns one; ``officials``: who else it names."""

    track: str
    cadre: bool
    officials: list[str]
    household_no: str | None
    petition_no: str | None
    division: str | None
    named: bool


class ClueVerified(Body, frozen=True, tag="clue_verified"):
    """A clue was looked into; ``date`` is verified_on, ``answered_on`` when its informant was told."""

    result: str
    answered_on: str | None


class ClueTransferred(Body, frozen=True, tag="clue_transferred"):
    """A clue was handed over to discipline inspection; ``date`` is transferred_on."""


def _received(event: Event) -> list[Kept]:
    data = event.data
    body = ClueReceived(
        str(event.event_id),
        business_date(event),
        data.track,
        any(concerned.cadre for concerned in data.concerned),
        sorted({concerned.official_no for concerned in data.concerned if concerned.official_no}),
        data.household_no,
        data.petition_no,
        data.division,
        data.named,
    )
    return [Kept("clue:" + data.clue_no, body)]


def _verified(event: Event) -> list[Kept]:
    answered_on = event.data.informant_answered_on
    body = ClueVerified(
        str(event.event_id),
        business_date(event),
        event.data.result,
        answered_on.isoformat() if answered_on is not None else None,
    )
    return [Kept("clue:" + event.data.clue_no, body)]


def _transferred(event: Event) -> list[Kept]:
    return [Kept("clue:" + event.data.clue_no, ClueTransferred(str(event.event_id), business_date(event)))]


FACTS = (
    FactType(name="dibao.clues.received.v1", bodies=(ClueReceived,), keep=_received),
    FactType(name="dibao.clues.verified.v1", bodies=(ClueVerified,), keep=_verified),
    FactType(name="dibao.clues.transferred.v1", bodies=(ClueTransferred,), keep=_transferred),
)
