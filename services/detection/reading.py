"""Reading the facts of subjects: one statement for many subjects, bounded by the months asked for.

The lateral joins make PostgreSQL walk the index for each subject, whatever it believes about the tables.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.detection import bodies
from services.detection.bodies import Body
from services.detection.rules.policy import Policy
from services.detection.rules.rule import EVIDENCE_CAP
from services.detection.rules.views import AccountMonth, AccountView, CustodyView, HouseholdView

Scope = Mapping[str, frozenset[str] | None]
"""Subject → the months to read beside the facts without a month; None: all."""

ACCOUNT_BOUND = 5000
"""Payments to one account for one month that are read one by one; of more, PostgreSQL counts."""

_BY_MONTH = """
select w.subject, f.body from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = w.month and fact.live
) as f
where f.body is not null
"""

_WHOLE = """
select w.subject, f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact where fact.subject = w.subject and fact.live
) as f
where f.body is not null
"""

_NEIGHBOURS = """
select f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = '' and fact.live
      and fact.kind in ('died', 'returned', 'ended')
) as f
where f.body is not null
"""

_ACCOUNTS = """
select w.subject, w.month, f.body, f.count from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body, count(*) as count from (
        select body from fact
        where fact.subject = w.subject and fact.month = w.month and fact.live and fact.kind = 'paid_to'
        limit $3
    ) as bounded
) as f
where f.body is not null
"""

_ACCOUNT_MONTHS = """
select subject, month from unnest($1::text[]) as w (subject)
cross join lateral (select distinct month from fact where fact.subject = w.subject) as f
"""

# Positions in the body of PaidTo: 1 event id, 2 date, 3 month, 4 household, 5 programme, 6 amount, 9 number.
_AGGREGATE = f"""
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
    (select count(*) from counted) as count
"""


@dataclass(frozen=True)
class Circumstances:
    """What holds for every subject: the policy, and the latest closed day that is applied."""

    policy: Policy
    closed: str | None


async def circumstances(connection: Any) -> Circumstances:
    """Return the policy's facts that count and the latest applied day."""
    joined = await connection.fetchval(
        "select string_agg(body, ',') from fact where subject >= 'policy:' and subject < 'policy;' and live"
    )
    day = await connection.fetchval("select max(day) from day")
    adopted = [] if joined is None else bodies.decode(joined)
    return Circumstances(
        Policy.of(fact for fact in adopted if isinstance(fact, bodies.PolicyAdopted)),
        None if day is None else day.isoformat(),
    )


async def whole(connection: Any, subjects: Collection[str]) -> dict[str, list[Body]]:
    """Return all live facts of subjects."""
    if not subjects:
        return {}
    rows = await connection.fetch(_WHOLE, sorted(subjects))
    return {subject: bodies.decode(joined) for subject, joined in rows}


async def _scoped(connection: Any, scope: Scope) -> dict[str, list[Body]]:
    found: dict[str, list[Body]] = defaultdict(list)
    all_months = [subject for subject, months in scope.items() if months is None]
    found.update(await whole(connection, all_months))
    pairs = [
        (subject, month) for subject, months in scope.items() if months is not None for month in ("", *months)
    ]
    if pairs:
        joined: dict[str, list[str]] = defaultdict(list)
        for subject, body in await connection.fetch(_BY_MONTH, *map(list, zip(*pairs, strict=True))):
            joined[subject].append(body)
        found.update({subject: bodies.decode(",".join(parts)) for subject, parts in joined.items()})
    return found


async def _neighbours(connection: Any, subjects: Collection[str]) -> list[Body]:
    if not subjects:
        return []
    rows = await connection.fetch(_NEIGHBOURS, sorted(subjects))
    return bodies.decode(",".join(row["body"] for row in rows)) if rows else []


async def households(connection: Any, scope: Scope, known: Circumstances) -> dict[str, HouseholdView]:
    """Return the views of households (by subject), with the deaths, returns and ends that concern them."""
    facts = await _scoped(connection, scope)
    views = {
        subject: HouseholdView(
            subject.partition(":")[2], facts.get(subject, []), [], known.policy, known.closed
        )
        for subject in scope
    }
    asked: dict[str, list[HouseholdView]] = defaultdict(list)
    for view in views.values():
        for person in view.names:
            asked["person:" + person].append(view)
        for payment in view.all_payments:
            asked["payment:" + payment.payment_no].append(view)
        for grant in view.grants:
            asked["custody:" + grant.custody_no].append(view)
    for fact in await _neighbours(connection, asked):
        for view in asked[_about(fact)]:
            view.neighbours.append(fact)
    return views


def _about(fact: Body) -> str:
    if isinstance(fact, bodies.Died):
        return "person:" + fact.person
    if isinstance(fact, bodies.Returned):
        return "payment:" + fact.payment_no
    assert isinstance(fact, bodies.Ended)
    return "custody:" + fact.custody_no


async def accounts(connection: Any, scope: Scope, bound: int = ACCOUNT_BOUND) -> dict[str, AccountView]:
    """Return the views of accounts. An account's month with more than ``bound`` payments comes aggregated."""
    views = {subject: AccountView(subject.partition(":")[2], []) for subject in scope}
    all_months = [subject for subject, months in scope.items() if months is None]
    pairs = [(subject, month) for subject, months in scope.items() for month in months or ()]
    if all_months:
        pairs.extend(tuple(row) for row in await connection.fetch(_ACCOUNT_MONTHS, all_months))
    if not pairs:
        return views
    asked: dict[str, list[AccountView]] = defaultdict(list)
    rows = await connection.fetch(_ACCOUNTS, *map(list, zip(*pairs, strict=True)), bound + 1)
    for subject, month, body, count in rows:
        view = views[subject]
        if count > bound:
            row = await connection.fetchrow(_AGGREGATE, subject, month)
            if row["count"]:
                sums = dict(zip(row["households"], row["amounts"], strict=True))
                view.aggregates.append(AccountMonth(month, sums, tuple(row["evidence"]), row["count"]))
            continue
        facts = bodies.decode(body)
        view.facts.extend(facts)
        for fact in facts:
            assert isinstance(fact, bodies.PaidTo)
            asked["payment:" + fact.payment_no].append(view)
    # A return matters only where two households share: nobody else's is looked up.
    shared = {key: found for key, found in asked.items() if any(_may_be_shared(view.facts) for view in found)}
    for fact in await _neighbours(connection, shared):
        for view in shared[_about(fact)]:
            view.neighbours.append(fact)
    return views


def _may_be_shared(facts: Iterable[Body]) -> bool:
    payers = iter(fact.household_no for fact in facts if isinstance(fact, bodies.PaidTo))
    first = next(payers, None)
    return any(number != first for number in payers)


async def custodies(
    connection: Any, subjects: Collection[str], known: Circumstances
) -> dict[str, CustodyView]:
    """Return the views of custodies, each with the enrolment facts of the households that it names."""
    facts = await whole(connection, subjects)
    views = {
        subject: CustodyView(subject.partition(":")[2], facts.get(subject, []), {}, known.closed)
        for subject in subjects
    }
    named = {"household:" + grant.household_no for view in views.values() for grant in view.grants}
    found = await _scoped(connection, dict.fromkeys(named, frozenset()))
    for view in views.values():
        view.households = {
            grant.household_no: HouseholdView(
                grant.household_no, found.get("household:" + grant.household_no, [])
            )
            for grant in view.grants
        }
    return views
