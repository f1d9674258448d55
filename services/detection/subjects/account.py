"""An account: the payments that come to it, month by month, from whichever household."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from services.detection.facts.fact import EVIDENCE_CAP, Body
from services.detection.facts.payments import PaidTo, PaidToExempt, Returned
from services.detection.subjects.subject import Bounded, Neighbour, Seen, Subject

ACCOUNT_BOUND = 5000
"""Payments to one account for one month that are read one by one; of more, PostgreSQL counts."""

_PAYMENTS = frozenset({PaidTo, PaidToExempt})


@dataclass(frozen=True)
class AccountMonth:
    """What came to one account for one month, from each household: counted, with capped evidence."""

    month: str
    households: Mapping[str, int]
    """household_no → 分"""
    evidence: tuple[str, ...]
    evidence_count: int
    latest: str | None
    """The business date of the last of them."""


@dataclass
class AccountView:
    """An account: payments to it for some months, or beyond a bound aggregates of the counted ones."""

    account: str
    facts: Sequence[Body]
    neighbours: Sequence[Body] = ()
    aggregates: Sequence[AccountMonth] = ()

    @classmethod
    def of(cls, seen: Seen) -> "AccountView":
        """Return the view of an account that was read."""
        return cls(seen.number, seen.monthly, list(seen.around()), seen.counted)

    def payments(self, without: Iterable[str] = ()) -> list[PaidTo]:
        """Return the live payments."""
        returned: set[str] = set()
        if "returned" not in without:
            returned = {fact.payment_no for fact in self.neighbours if type(fact) is Returned}
        payments = (cast(PaidTo, fact) for fact in self.facts if type(fact) in _PAYMENTS)
        return [payment for payment in payments if payment.payment_no not in returned]


def _of_one_household(facts: Sequence[Body]) -> bool:
    """Whether nobody shares: then no return matters."""
    return len({fact.household_no for fact in facts if type(fact) is PaidTo}) < 2


# Positions in the body of PaidTo: 1 event id, 2 date, 3 month, 4 household, 5 programme, 6 amount, 9 number.
_COUNT = f"""
with live as (
    select body::jsonb as b from fact
    where subject = $1 and month = $2 and live and kind = 'paid_to'
), counted as (
    select b ->> 4 as household_no, (b ->> 6)::bigint as amount, b ->> 1 as event_id, b ->> 2 as date
    from live
    where not exists (
        select from fact r where r.subject = 'payment:' || (b ->> 9) and r.kind = 'returned' and r.live
    )
)
select
    (select array_agg(household_no) from (
        select household_no, sum(amount) from counted group by household_no order by household_no) as h
    ) as households,
    (select array_agg(amount) from (
        select household_no, sum(amount)::bigint as amount from counted group by household_no
        order by household_no) as h
    ) as amounts,
    (select array_agg(event_id) from (
        select event_id from counted order by date, event_id limit {EVIDENCE_CAP}) as e
    ) as evidence,
    (select count(*) from counted) as count,
    (select max(date) from counted) as latest
where exists (select from counted)
"""


def _month(month: str, row: Any) -> AccountMonth:
    sums = dict(zip(row["households"], row["amounts"], strict=True))
    return AccountMonth(month, sums, tuple(row["evidence"]), row["count"], row["latest"])


SUBJECT = Subject(
    kind="account",
    view=AccountView.of,
    neighbours=(
        Neighbour(
            kind="payment",
            facts=frozenset({Returned}),
            of={PaidTo: lambda fact: (fact.payment_no,)},
        ),
    ),
    alone=_of_one_household,
    bounded=Bounded(kind=PaidTo, least=2, limit=ACCOUNT_BOUND, sql=_COUNT, counted=_month),
)
