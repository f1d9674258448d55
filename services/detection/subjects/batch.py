"""A batch of payments, with what the bank said of it, and what came back.

A payment does not have its batch evaluated while it is taken in: every worker that takes in payments of one
batch would wait for the others. Its batch reads it as a neighbour's fact, later, and once for many.
"""

from calendar import monthrange

from propcache.api import cached_property

from services.detection.facts.funds import BatchSettled, BatchSubmitted
from services.detection.facts.payments import InBatch, Returned
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Neighbour, Subject


class Batch(Dossier):
    """A batch, as of the latest closed day."""

    @cached_property
    def submitted(self) -> BatchSubmitted | None:
        """How it went to the bank."""
        return self.last(BatchSubmitted)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its programme, and a division where one is stated."""
        submitted = self.submitted
        return Scope() if submitted is None else Scope(submitted.division, submitted.programme)

    def returned_on(self, payment: InBatch) -> str | None:
        """Return the day on which a payment came back, if it did."""
        returned = self.around("payment:" + payment.payment_no, Returned)
        return returned[0].date if returned else None


def last_day(month: str) -> str:
    """Return the last day of a month, as text."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]}"


def _itself(fact: BatchSubmitted | BatchSettled) -> tuple[str, ...]:
    return (fact.batch_no,)


SUBJECT = Subject(
    kind="batch",
    view=Batch,
    neighbours=(
        Neighbour(
            kind="batch",
            facts=frozenset({InBatch}),
            of={BatchSubmitted: _itself, BatchSettled: _itself},
        ),
        Neighbour(
            kind="payment",
            facts=frozenset({Returned}),
            of={InBatch: lambda fact: (fact.payment_no,)},
        ),
    ),
)
