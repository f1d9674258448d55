"""Petitions, as the petition's number and the matter keep them; closures, as well as whoever closed does."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class PetitionFiled(Body, frozen=True, tag="petition_filed"):
    """A petition was filed; ``date`` is filed_on."""

    division: str
    household_no: str | None
    matter: str


class OnMatter(Body, frozen=True, tag="on_matter"):
    """A petition as the matter that it is on keeps it; ``petitioner`` is a token."""

    petition_no: str
    petitioner: str | None
    household_no: str | None


class PetitionAccepted(Body, frozen=True, tag="petition_accepted"):
    """An office took it on; ``date`` is accepted_on, ``due_on`` the last day for the answer."""

    due_on: str


class PetitionTransferred(Body, frozen=True, tag="petition_transferred"):
    """It went on to another office; ``date`` is transferred_on."""


class PetitionAnswered(Body, frozen=True, tag="petition_answered"):
    """The petitioner was answered; ``date`` is answered_on, ``stage`` first, reexamination or review."""

    stage: str


class PetitionClosed(Body, frozen=True, tag="petition_closed"):
    """It was closed, in whatever way; ``date`` is closed_on, ``evidenced`` whether it names evidence.

    ``closed_by`` and ``confirmed_by`` are numbers of officials.
    """

    outcome: str
    evidenced: bool
    closed_by: str | None
    confirmed_by: str | None


class ClosedBy(Body, frozen=True, tag="closed_by"):
    """A closure as the official who made it, on that day, keeps it."""

    petition_no: str
    outcome: str


def _kept(event: Event, body: Body) -> list[Kept]:
    return [Kept("petition:" + event.data.petition_no, body)]


def _filed(event: Event) -> list[Kept]:
    data = event.data
    event_id, day, household_no = str(event.event_id), business_date(event), data.household_no
    body = PetitionFiled(event_id, day, data.division, household_no, data.matter_code)
    petitioner = None if data.petitioner is None else data.petitioner.person_id
    of_matter = OnMatter(event_id, day, data.petition_no, petitioner, household_no)
    return [*_kept(event, body), Kept("matter:" + data.matter_code, of_matter)]


def _accepted(event: Event) -> list[Kept]:
    due_on = event.data.due_on.isoformat()
    return _kept(event, PetitionAccepted(str(event.event_id), business_date(event), due_on))


def _transferred(event: Event) -> list[Kept]:
    return _kept(event, PetitionTransferred(str(event.event_id), business_date(event)))


def _answered(event: Event) -> list[Kept]:
    return _kept(event, PetitionAnswered(str(event.event_id), business_date(event), event.data.stage))


def _closed(event: Event) -> list[Kept]:
    data = event.data
    body = PetitionClosed(
        str(event.event_id),
        business_date(event),
        data.outcome,
        data.evidence is not None,
        data.closed_by,
        data.confirmed_by,
    )
    kept = _kept(event, body)
    if data.closed_by is not None:
        of_closer = ClosedBy(body.event_id, body.date, data.petition_no, data.outcome)
        kept.append(Kept(f"closer:{data.closed_by}/{body.date}", of_closer))
    return kept


FACTS = (
    FactType(name="dibao.petitions.filed.v1", bodies=(PetitionFiled, OnMatter), keep=_filed),
    FactType(name="dibao.petitions.accepted.v1", bodies=(PetitionAccepted,), keep=_accepted),
    FactType(name="dibao.petitions.transferred.v1", bodies=(PetitionTransferred,), keep=_transferred),
    FactType(name="dibao.petitions.answered.v1", bodies=(PetitionAnswered,), keep=_answered),
    FactType(name="dibao.petitions.closed.v1", bodies=(PetitionClosed, ClosedBy), keep=_closed),
)
