"""Cards held by others, as the custody, the beneficiary's household and whoever holds them keep them."""

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
    holder: str
    """The custodian's token."""
    kind: str
    """custodian_kind."""
    division: str | None


class HandedOver(Body, frozen=True, tag="handed_over"):
    """A card changed hands; ``date`` is handed_over_on. ``kind``: what the taker is, where it is said."""

    custody_no: str
    household_no: str
    direction: str
    taker: str
    kind: str | None


class AgreementFiled(Body, frozen=True, tag="agreement_filed"):
    """The agreement was filed with an office; ``date`` is filed_on."""

    filed_with: str


class Checked(Body, frozen=True, tag="checked"):
    """Somebody looked at the card; ``date`` is checked_on."""


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
        data.custodian.person_id,
        data.custodian_kind,
        data.division,
    )
    return [
        Kept("custody:" + data.custody_no, body),
        Kept("household:" + data.household_no, body),
        Kept("custodian:" + body.holder, body),
        Kept("kin:" + data.household_no, body),
    ]


def _handed_over(event: Event) -> list[Kept]:
    data = event.data
    body = HandedOver(
        str(event.event_id),
        business_date(event),
        data.custody_no,
        data.household_no,
        data.direction,
        data.to_person.person_id,
        data.custodian_kind,
    )
    return [
        Kept("custody:" + data.custody_no, body),
        Kept("custodian:" + body.taker, body),
        Kept("kin:" + data.household_no, body),
    ]


def _agreement_filed(event: Event) -> list[Kept]:
    body = AgreementFiled(str(event.event_id), business_date(event), event.data.filed_with)
    return [Kept("custody:" + event.data.custody_no, body)]


def _checked(event: Event) -> list[Kept]:
    return [Kept("custody:" + event.data.custody_no, Checked(str(event.event_id), business_date(event)))]


def _ended(event: Event) -> list[Kept]:
    number = event.data.custody_no
    return [Kept("custody:" + number, Ended(str(event.event_id), event.data.ended_on.isoformat(), number))]


FACTS = (
    FactType(name="dibao.custody.granted.v1", bodies=(Granted,), keep=_granted),
    FactType(name="dibao.custody.handed_over.v1", bodies=(HandedOver,), keep=_handed_over),
    FactType(name="dibao.custody.agreement_filed.v1", bodies=(AgreementFiled,), keep=_agreement_filed),
    FactType(name="dibao.custody.checked.v1", bodies=(Checked,), keep=_checked),
    FactType(name="dibao.custody.ended.v1", bodies=(Ended,), keep=_ended),
)
