"""Filings of near relatives of officials, as the filing and the household keep them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class KinDeclared(Body, frozen=True, tag="kin_declared"):
    """A near relative of an official was filed; ``date`` is declared_on. ``official``: a token."""

    filing_no: str
    household_no: str
    programme: str
    official: str
    official_no: str | None
    division: str | None


class KinReviewed(Body, frozen=True, tag="kin_reviewed"):
    """A filing was looked into; ``date`` is reviewed_on, ``visited`` whether the household was visited."""

    filing_no: str
    visited: bool
    outcome: str


def _declared(event: Event) -> list[Kept]:
    data = event.data
    body = KinDeclared(
        str(event.event_id),
        business_date(event),
        data.filing_no,
        data.household_no,
        data.programme,
        data.official.person_id,
        data.official_no,
        data.division,
    )
    return [Kept("filing:" + data.filing_no, body), Kept("kin:" + data.household_no, body)]


def _reviewed(event: Event) -> list[Kept]:
    data = event.data
    body = KinReviewed(str(event.event_id), business_date(event), data.filing_no, data.visited, data.outcome)
    return [Kept("filing:" + data.filing_no, body), Kept("kin:" + data.household_no, body)]


FACTS = (
    FactType(name="dibao.kinship.declared.v1", bodies=(KinDeclared,), keep=_declared),
    FactType(name="dibao.kinship.reviewed.v1", bodies=(KinReviewed,), keep=_reviewed),
)
