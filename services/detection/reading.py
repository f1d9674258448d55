"""Reading the facts of subjects: one statement for many subjects, bounded by the months asked for.

The lateral joins make PostgreSQL walk the index for each subject, whatever it believes about the tables.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.detection import facts
from services.detection.facts.fact import Body, kind_of
from services.detection.facts.policy import PolicyAdopted
from services.detection.marks import Scope
from services.detection.policy import Policy
from services.detection.subjects.subject import Bounded, Seen, Subject

_BY_MONTH = """
select w.subject, f.body from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = w.month and fact.live
) as f
where f.body is not null
"""

_SINCE = """
select w.subject, f.body from unnest($1::text[], $2::text[]) as w (subject, month)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month >= w.month and fact.live and fact.kind <> 'link'
) as f
where f.body is not null
"""

_NEIGHBOURS = """
select w.subject, f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = '' and fact.live and fact.kind = any($2::text[])
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
    """What holds for every subject: the policy, and the latest closed day that is applied."""

    policy: Policy
    closed: str | None


async def circumstances(connection: Any) -> Circumstances:
    """Return the policy's facts that count and the latest applied day."""
    joined = await connection.fetchval(
        "select string_agg(body, ',') from fact where subject >= 'policy:' and subject < 'policy;' and live"
    )
    day = await connection.fetchval("select max(day) from day")
    adopted = [] if joined is None else facts.decode(joined)
    return Circumstances(
        Policy(fact for fact in adopted if type(fact) is PolicyAdopted),
        None if day is None else day.isoformat(),
    )


async def views(
    connection: Any, subject: Subject[Any], scope: Scope, known: Circumstances, bound: int | None = None
) -> dict[str, Any]:
    """Return the views of subjects of one kind, by name, with what their neighbours say.

    ``bound``: another limit than the declared one for facts that are read one by one.
    """
    if not scope:
        return {}
    counted: dict[str, list[Any]] = {}
    if subject.bounded is None:
        own = await _scoped(connection, scope)
    else:
        own, counted = await _bounded(connection, subject.bounded, scope, bound)
    beside = await _neighbours(connection, subject, own)
    return {
        name: subject.view(
            Seen(
                name.partition(":")[2],
                own.get(name, ()),
                beside.get(name, {}),
                known.policy,
                known.closed,
                counted.get(name, ()),
            )
        )
        for name in scope
    }


async def _scoped(connection: Any, scope: Scope) -> dict[str, list[Body]]:
    joined: dict[str, list[str]] = defaultdict(list)
    pairs: list[tuple[str, str]] = []
    starts: list[tuple[str, str]] = []
    for name, months in scope.items():
        if months.whole:
            starts.append((name, ""))
            continue
        pairs.extend((name, month) for month in ("", *months.named))
        if months.since is not None:
            starts.append((name, months.since))
    for sql, asked in ((_BY_MONTH, pairs), (_SINCE, starts)):
        if asked:
            for name, body in await connection.fetch(sql, *map(list, zip(*asked, strict=True))):
                joined[name].append(body)
    return {name: facts.decode(",".join(parts)) for name, parts in joined.items()}


async def _bounded(
    connection: Any, bounded: Bounded, scope: Scope, bound: int | None
) -> tuple[dict[str, list[Body]], dict[str, list[Any]]]:
    limit, kind = bounded.limit if bound is None else bound, kind_of(bounded.kind)
    pairs = {(name, month) for name, months in scope.items() for month in months.named}
    starts = [
        (name, months.since or "")
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
    connection: Any, subject: Subject[Any], own: Mapping[str, list[Body]]
) -> dict[str, dict[str, list[Body]]]:
    """Return the neighbours' facts, by reader and neighbour."""
    found: dict[str, dict[str, list[Body]]] = defaultdict(dict)
    for neighbour in subject.neighbours:
        of = neighbour.of
        asked: dict[str, list[str]] = defaultdict(list)
        prefix = neighbour.kind + ":"
        looking: set[str] = set()
        for reader, bodies in own.items():
            for fact in bodies:
                numbers = of.get(type(fact))
                if numbers is not None:
                    for number in numbers(fact):
                        asked[prefix + number].append(reader)
            if neighbour.unless is None or not neighbour.unless(bodies):
                looking.add(reader)
        # Whom nobody looks at is not read: of all accounts only the shared ones' returns.
        wanted = [name for name, readers in asked.items() if not looking.isdisjoint(readers)]
        if not wanted:
            continue
        kinds = sorted(kind_of(fact) for fact in neighbour.facts)
        for name, body in await connection.fetch(_NEIGHBOURS, sorted(wanted), kinds):
            decoded = facts.decode(body)
            for reader in asked[name]:
                found[reader][name] = decoded
    return found
