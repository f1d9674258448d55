"""Batches of payments, as the batch's number keeps them; the payments themselves are ``in_batch`` there."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class BatchSubmitted(Body, frozen=True, tag="batch_submitted"):
    """A batch went to the bank; ``date`` is to_bank_on."""

    batch_no: str
    programme: str
    month: str
    division: str | None
    decided_on: str


class BatchSettled(Body, frozen=True, tag="batch_settled"):
    """The bank says what became of a batch; ``date`` is settled_on, ``paid`` in 分."""

    batch_no: str
    paid: int


def _submitted(event: Event) -> list[Kept]:
    data = event.data
    body = BatchSubmitted(
        str(event.event_id),
        business_date(event),
        data.batch_no,
        data.programme,
        data.month,
        data.division,
        data.decided_on.isoformat(),
    )
    return [Kept("batch:" + data.batch_no, body)]


def _settled(event: Event) -> list[Kept]:
    data = event.data
    body = BatchSettled(str(event.event_id), business_date(event), data.batch_no, data.paid_fen)
    return [Kept("batch:" + data.batch_no, body)]


FACTS = (
    FactType(name="dibao.funds.batch_submitted.v1", bodies=(BatchSubmitted,), keep=_submitted),
    FactType(name="dibao.funds.batch_settled.v1", bodies=(BatchSettled,), keep=_settled),
)
