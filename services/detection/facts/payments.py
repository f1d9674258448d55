"""Payments, as the household that they are for, the account that they go to and their batch keep them."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, Names, names_of


class Paid(Body, frozen=True, tag="paid"):
    """A payment as its household sees it; ``date`` is paid_on."""

    programme: str
    month: str
    amount: int
    kind: str
    account: str
    holder: Names
    institution: bool
    payment_no: str


class PaidTo(Body, frozen=True, tag="paid_to"):
    """A payment as its account sees it."""

    month: str
    household_no: str
    programme: str
    amount: int
    kind: str
    institution: bool
    payment_no: str


class PaidToExempt(PaidTo, frozen=True, tag="paid_to_exempt"):
    """One that no rule on accounts counts: not regular, or to an institution.

    A kind of its own, for a collective account may have a million payments: these mark nothing.
    """


class InBatch(Body, frozen=True, tag="in_batch"):
    """A payment as its batch sees it; ``amount`` in 分."""

    amount: int
    payment_no: str


class Recovered(Body, frozen=True, tag="recovered"):
    """Money was given back; ``date`` is recovered_on, ``amount`` in 分, ``cause`` why it was to be."""

    programme: str
    amount: int
    cause: str


class Returned(Body, frozen=True, tag="returned"):
    """A payment came back; ``date`` is returned_on."""

    payment_no: str


def _paid(event: Event) -> list[Kept]:
    data = event.data
    account = data.account
    event_id, paid_on = str(event.event_id), data.paid_on.isoformat()
    of_household = Paid(
        event_id,
        paid_on,
        data.programme,
        data.month,
        data.amount_fen,
        data.kind,
        account.account_id,
        names_of(account.holder),
        account.institution,
        data.payment_no,
    )
    counted = data.kind == "regular" and not account.institution
    of_account = (PaidTo if counted else PaidToExempt)(
        event_id,
        paid_on,
        data.month,
        data.household_no,
        data.programme,
        data.amount_fen,
        data.kind,
        account.institution,
        data.payment_no,
    )
    of_batch = InBatch(event_id, paid_on, data.amount_fen, data.payment_no)
    return [
        Kept("household:" + data.household_no, of_household, data.month),
        Kept("account:" + account.account_id, of_account, data.month),
        Kept("batch:" + data.batch_no, of_batch, data.month),
    ]


def _returned(event: Event) -> list[Kept]:
    # On the payment's number alone: a return that names another household still undoes the payment.
    number = event.data.payment_no
    body = Returned(str(event.event_id), event.data.returned_on.isoformat(), number)
    return [Kept("payment:" + number, body)]


def _recovered(event: Event) -> list[Kept]:
    data = event.data
    body = Recovered(
        str(event.event_id), data.recovered_on.isoformat(), data.programme, data.amount_fen, data.cause
    )
    return [Kept("household:" + data.household_no, body, data.from_month)]


FACTS = (
    FactType(name="dibao.payments.paid.v1", bodies=(Paid, PaidTo, PaidToExempt, InBatch), keep=_paid),
    FactType(name="dibao.payments.recovered.v1", bodies=(Recovered,), keep=_recovered),
    FactType(name="dibao.payments.returned.v1", bodies=(Returned,), keep=_returned),
)
