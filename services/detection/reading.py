"""Reading the facts of subjects: one statement for many subjects, bounded by the months asked for.

The lateral joins make PostgreSQL walk the index for each subject, whatever it believes about the tables.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.detection import facts
from services.detection.calendar import WorkingDays
from services.detection.facts.calendar import YearArranged
from services.detection.facts.fact import Body, kind_of
from services.detection.facts.policy import PolicyAdopted
from services.detection.lasting import NOTHING, lasting
from services.detection.marks import Scope
from services.detection.policy import Policy
from services.detection.subjects.subject import Bounded, Lasting, Seen, Subject
from services.detection.tables import NEIGHBOURLY
from services.platform.database import Connection

_FIRST = "0"
"""Before every month, and after none: the month of facts that belong to no month is empty."""

_CIRCUMSTANCES = """
select string_agg(body, ',') from (
    select body from fact where subject >= 'policy:' and subject < 'policy;' and live
    union all select body from fact where subject = 'calendar:year' and live
) as f
"""

_BY_MONTH = """
select w.subject, w.month, f.body from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = w.month and fact.live
) as f
where f.body is not null
"""

_SINCE = """
select w.subject, w.month, f.body from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month >= w.month and fact.live and fact.kind <> 'link'
) as f
where f.body is not null
"""

# In these words there is an index for them.
_NEIGHBOURS = f"""
select w.subject, f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.live and {NEIGHBOURLY}
) as f
where f.body is not null
"""

_BOUNDED = """
select w.subject, w.month, f.body, f.count from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body, count(*) as count from (
        select body from fact
        where fact.subject = w.subject and fact.month = w.month and fact.live and fact.kind = $3
        limit $4
    ) as bounded
) as f
where f.body is not null
"""

_MONTHS = """
select w.subject, f.month from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select distinct fact.month from fact
    where fact.subject = w.subject and fact.month >= w.month and fact.kind = $3
) as f
"""


@dataclass(frozen=True)
class Circumstances:
    """What holds for every subject: the policy, the latest closed day that is applied, working days."""

    policy: Policy
    closed: str | None
    calendar: WorkingDays


async def circumstances(connection: Connection) -> Circumstances:
    """Return the policy's and the calendar's facts that count, and the latest applied day."""
    joined = await connection.fetchval(_CIRCUMSTANCES)
    day = await connection.fetchval("select max(day) from day")
    stated = [] if joined is None else facts.decode(joined)
    return Circumstances(
        Policy(fact for fact in stated if type(fact) is PolicyAdopted),
        None if day is None else day.isoformat(),
        WorkingDays(fact for fact in stated if type(fact) is YearArranged),
    )


async def views(
    connection: Connection,
    subject: Subject[Any],
    scope: Scope,
    known: Circumstances,
    bound: int | None = None,
) -> dict[str, Any]:
    """Return the views of subjects of one kind, by name, with what their neighbours say.

    ``bound``: another limit than the declared one for facts that are read one by one.
    """
    if not scope:
        return {}
    own: dict[str, Lasting] = {}
    monthly: dict[str, list[Body]] = {}
    counted: dict[str, list[Any]] = {}
    if subject.bounded is None:
        own, monthly = await _scoped(connection, scope)
    else:
        monthly, counted = await _bounded(connection, subject.bounded, scope, bound)
    beside = await _neighbours(connection, subject, own, monthly) if subject.neighbours else {}
    view, policy, closed, calendar = subject.view, known.policy, known.closed, known.calendar
    return {
        name: view(
            Seen(
                name.partition(":")[2],
                own.get(name, NOTHING),
                monthly.get(name, ()),
                beside.get(name, {}),
                policy,
                closed,
                counted.get(name, ()),
                calendar,
            )
        )
        for name in scope
    }


async def _scoped(connection: Connection, scope: Scope) -> tuple[dict[str, Lasting], dict[str, list[Body]]]:
    own: dict[str, Lasting] = {}
    monthly: dict[str, list[Body]] = {}
    names: list[str] = []
    months: list[str] = []
    starts: list[tuple[str, str]] = []
    for name, of in scope.items():
        names.append(name)
        months.append("")
        for month in of.named:
            names.append(name)
            months.append(month)
        if of.whole or of.since is not None:
            starts.append((name, of.since or _FIRST))
    rows = await connection.fetch(_BY_MONTH, names, months)
    if starts:
        rows += await connection.fetch(_SINCE, *map(list, zip(*starts, strict=True)))
    for name, month, joined in rows:
        if month == "":
            own[name] = lasting(joined)
        elif name in monthly:
            monthly[name] += facts.decode(joined)
        else:
            monthly[name] = facts.decode(joined)
    return own, monthly


async def _bounded(
    connection: Connection, bounded: Bounded, scope: Scope, bound: int | None
) -> tuple[dict[str, list[Body]], dict[str, list[Any]]]:
    limit, kind = bounded.limit if bound is None else bound, kind_of(bounded.kind)
    pairs = {(name, month) for name, months in scope.items() for month in months.named}
    starts = [
        (name, months.since or _FIRST)
        for name, months in scope.items()
        if months.whole or months.since is not None
    ]
    if starts:
        found = await connection.fetch(_MONTHS, *map(list, zip(*starts, strict=True)), kind)
        pairs.update((row["subject"], row["month"]) for row in found)
    own: dict[str, list[Body]] = defaultdict(list)
    counted: dict[str, list[Any]] = defaultdict(list)
    if pairs:
        rows = await connection.fetch(_BOUNDED, *map(list, zip(*sorted(pairs), strict=True)), kind, limit + 1)
        for name, month, body, count in rows:
            if count <= limit:
                own[name] += facts.decode(body)
                continue
            row = await connection.fetchrow(bounded.sql, name, month)
            if row is not None:
                counted[name].append(bounded.counted(month, row))
    return own, counted


async def _neighbours(
    connection: Connection,
    subject: Subject[Any],
    own: Mapping[str, Lasting],
    monthly: Mapping[str, list[Body]],
) -> dict[str, dict[str, list[Body]]]:
    """Return the neighbours' facts, by reader and neighbour."""
    asked: dict[str, list[str]] = defaultdict(list)
    names_of = subject.names_of
    names = subject.names
    for reader, one in own.items():
        for name in one.made(names_of):
            asked[name].append(reader)
    for reader, bodies in monthly.items():
        # Whom nobody looks at is not read: of all accounts only the shared ones' returns.
        if subject.alone is None or not subject.alone(bodies):
            for fact in bodies:
                for name in names(fact):
                    asked[name].append(reader)
    if not asked:
        return {}
    found: dict[str, dict[str, list[Body]]] = defaultdict(dict)
    read = {neighbour.kind: neighbour.facts for neighbour in subject.neighbours}
    for name, joined in await connection.fetch(_NEIGHBOURS, sorted(asked)):
        kinds = read[name.partition(":")[0]]
        decoded = [fact for fact in facts.decode(joined) if type(fact) in kinds]
        for reader in asked[name]:
            found[reader][name] = decoded
    return found
