"""Cards held by others, as the custody and the household of its beneficiary keep them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, Names, business_date, names_of


class Granted(Body, frozen=True, tag="granted"):
    """A custody is granted."""

    custody_no: str
    household_no: str
    beneficiary: str
    custodian: Names
    account: str
    agreement: bool
    filed: bool
    valid_from: str
    valid_to: str


class Ended(Body, frozen=True, tag="ended"):
    """A custody ended; ``date`` is ended_on."""

    custody_no: str


def _granted(event: Event) -> list[Kept]:
    data = event.data
    body = Granted(
        str(event.event_id),
        business_date(event),
        data.custody_no,
        data.household_no,
        data.beneficiary.person_id,
        names_of(data.custodian.names),
        data.account_number.account_id,
        bool(data.agreement_no),
        data.filed_on is not None,
        data.valid_from.isoformat(),
        data.valid_to.isoformat(),
    )
    return [Kept("custody:" + data.custody_no, body), Kept("household:" + data.household_no, body)]


def _ended(event: Event) -> list[Kept]:
    number = event.data.custody_no
    return [Kept("custody:" + number, Ended(str(event.event_id), event.data.ended_on.isoformat(), number))]


FACTS = (
    FactType(name="dibao.custody.granted.v1", bodies=(Granted,), keep=_granted),
    FactType(name="dibao.custody.ended.v1", bodies=(Ended,), keep=_ended),
)
