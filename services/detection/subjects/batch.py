"""A batch of payments, with what the bank said of it, and what came back.

A payment does not have its batch evaluated while it is taken in: every worker that takes in payments of one
batch would wait for the others. Its batch reads it later, and once for many.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from propcache.api import cached_property

from services.detection.facts.funds import BatchSubmitted
from services.detection.facts.payments import InBatch, Returned
from services.detection.policy import Scope
from services.detection.subjects.subject import Bounded, Dossier, Neighbour, Subject

BATCH_BOUND = 1000
"""Payments of one batch for one month that are read one by one; of more, PostgreSQL makes sums."""


@dataclass(frozen=True, slots=True)
class PaidOnDay:
    """Payments of a batch with one day, all of which came back on one day, or none did.

    ``amount`` in 分; ``event_id`` of the last of them, in order of event ids.
    """

    date: str
    event_id: str
    amount: int
    returned_on: str | None


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

    @cached_property
    def paid(self) -> Sequence[PaidOnDay]:
        """Its payments by the latest closed day, one by one or in sums, in order of (date, event id)."""
        one_by_one = (
            PaidOnDay(fact.date, fact.event_id, fact.amount, self._returned_on(fact))
            for fact in self.of(InBatch)
        )
        there = [
            PaidOnDay(some.date, some.event_id, some.amount, self._by_now(some.returned_on))
            for some in self._in_sums()
            if self._by_now(some.date) is not None
        ]
        return sorted([*one_by_one, *there], key=lambda some: (some.date, some.event_id))

    @cached_property
    def ahead(self) -> str | None:
        """The earliest date after the latest closed day, on which the view will change."""
        days = [day for some in self._in_sums() for day in (some.date, some.returned_on)]
        ahead = [day for day in days if day is not None and self._by_now(day) is None]
        return min([*ahead, *filter(None, [super().ahead])], default=None)

    def _in_sums(self) -> Iterator[PaidOnDay]:
        for month in self._seen.counted:
            yield from month

    def _by_now(self, day: str | None) -> str | None:
        return day if day is not None and self.closed is not None and day <= self.closed else None

    def _returned_on(self, payment: InBatch) -> str | None:
        returned = self.around("payment:" + payment.payment_no, Returned)
        return returned[0].date if returned else None


def last_day(month: str) -> str:
    """Return the last day of a month, as text."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]}"


# Positions in the body of InBatch: 1 event id, 2 date, 3 amount, 4 number; of Returned: 2 date.
_SUMS = """
with live as (
    select body::jsonb as b from fact
    where subject = $1 and month = $2 and live and kind = 'in_batch'
), each as (
    select b ->> 2 as date, b ->> 1 as event_id, (b ->> 3)::bigint as amount, (
        select min(r.body::jsonb ->> 2) from fact r
        where r.subject = 'payment:' || (b ->> 4) and r.kind = 'returned' and r.live
    ) as returned_on
    from live
), sums as (
    select date, max(event_id collate "C") as event_id, sum(amount)::bigint as amount, returned_on
    from each group by date, returned_on
)
select array_agg(date) as dates, array_agg(event_id) as event_ids, array_agg(amount) as amounts,
    array_agg(returned_on) as returned_on
from sums having count(*) > 0
"""


def _sums(month: str, row: Any) -> Sequence[PaidOnDay]:
    columns = row["dates"], row["event_ids"], row["amounts"], row["returned_on"]
    return [PaidOnDay(*each) for each in zip(*columns, strict=True)]


SUBJECT = Subject(
    kind="batch",
    view=Batch,
    neighbours=(
        Neighbour(
            kind="payment",
            facts=frozenset({Returned}),
            of={InBatch: lambda fact: (fact.payment_no,)},
        ),
    ),
    bounded=Bounded(kind=InBatch, least=1, limit=BATCH_BOUND, sql=_SUMS, counted=_sums, beside=True),
)
