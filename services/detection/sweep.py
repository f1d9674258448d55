"""Sweeps: what concerns many subjects marks them in bounded chunks, behind live facts.

A changed value of policy concerns the subjects of its scope, of every kind whose rules read it; a year that
is arranged otherwise all whose rules count working days; a closed day that is taken back all that wait for
days.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from services.detection import facts, flight
from services.detection.facts.calendar import YearArranged
from services.detection.facts.fact import kind_of
from services.detection.facts.policy import PolicyAdopted
from services.detection.marks import SWEEP, mark, since
from services.detection.policy import Scope, moved
from services.detection.rules import ALL, RuleSet
from services.detection.subjects import subject_of
from services.platform.database import Connection
from services.platform.locks import DETECTION_POLICY

CHUNK = 500

_BEGIN = """
insert into sweep (cause, kind, month, division_prefix, programme) values ($1, $2, $3, $4, $5)
"""

_STANDING = "select string_agg(body, ',') from fact where subject = $1 and live"

_CHUNK = """
select subject from fact where subject > $1 and subject >= $2 and subject < $3 and month >= $4
group by subject order by subject limit $5
"""

# Of all versions: a value may concern a household by an enrolment that is void by now.
_SCOPES = """
select w.subject, f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = '' and fact.kind = any($2::text[])
) as f
where f.body is not null
"""


async def of_policy(connection: Connection, changed: Collection[PolicyAdopted], rules: RuleSet = ALL) -> None:
    """Start the sweeps of values that begin or cease to hold in this transaction: one a kind of subject.

    Where every day has the value that it had before (a document that repeats the statute) nothing does. The
    value in force on the first day of a month counts for the month, so those from that of the day on change;
    of the month in which the day falls only if it is its first: one too many does no harm.
    """
    if not changed:
        return
    # Of two that each would change nothing alone, one sees the other.
    await connection.execute("select pg_advisory_xact_lock($1)", DETECTION_POLICY)
    for name in sorted({fact.parameter for fact in changed}):
        joined = await connection.fetchval(_STANDING, "policy:" + name)
        standing = [] if joined is None else facts.decode(joined)
        after = {fact for fact in standing if type(fact) is PolicyAdopted}
        ours = {fact for fact in changed if fact.parameter == name}
        if not any(moved(after ^ ours, after, parameter) for parameter in rules.parameters_named(name)):
            continue
        for kind, by_month in rules.reading(name).items():
            for fact in ours:
                month = fact.date[:7] if by_month else ""
                await connection.execute(_BEGIN, name, kind, month, fact.division_prefix, fact.programme)


async def of_years(connection: Connection, changed: Collection[YearArranged], rules: RuleSet = ALL) -> None:
    """Start the sweeps of arrangements of years that begin or cease to hold."""
    for year in sorted({fact.year for fact in changed}):
        for kind in sorted(rules.counting_working_days):
            await connection.execute(_BEGIN, f"year {year}", kind, "", "", None)


async def of_days(connection: Connection, gone: list[date], rules: RuleSet = ALL) -> None:
    """Start the sweeps of closed days that are taken back."""
    for kind in sorted(rules.waking) if gone else ():
        await connection.execute(_BEGIN, "day " + min(gone).isoformat(), kind, "", "", None)


async def sweep(connection: Connection, chunk: int = CHUNK) -> int:
    """Mark the next chunk of the oldest unfinished sweep; return how many sweeps are unfinished."""
    async with connection.transaction():
        row = await connection.fetchrow(
            "select * from sweep where not done order by id limit 1 for update skip locked"
        )
        if row is None:
            return 0
        kind = row["kind"]
        if row["cursor"] == "":
            # Who took facts in before the value was there has read the one before.
            await flight.landed(connection)
        found = await connection.fetch(_CHUNK, row["cursor"], kind + ":", kind + ";", row["month"], chunk)
        subjects = [one["subject"] for one in found]
        reached = await _in_scope(connection, row, subjects)
        month = since(row["month"]) if row["month"] else ""
        await mark(connection, [(subject, month, "sweep") for subject in reached], SWEEP)
        await connection.execute(
            "update sweep set cursor = $2, marked = marked + $3, done = $4 where id = $1",
            row["id"],
            subjects[-1] if subjects else row["cursor"],
            len(reached),
            len(subjects) < chunk,
        )
        return int(await connection.fetchval("select count(*) from sweep where not done"))


async def _in_scope(connection: Connection, row: Any, subjects: list[str]) -> list[str]:
    """Return the subjects that belong, or ever belonged, to the scope of a value."""
    scoped_by = subject_of(row["kind"]).scoped_by
    if not scoped_by or not subjects or not (row["division_prefix"] or row["programme"]):
        return subjects
    scopes: dict[str, list[Scope]] = defaultdict(list)
    for subject, joined in await connection.fetch(_SCOPES, subjects, [kind_of(fact) for fact in scoped_by]):
        scopes[subject] += [scoped_by[type(fact)](fact) for fact in facts.decode(joined)]
    return [
        subject
        for subject in subjects
        if any(
            (scope.division or "").startswith(row["division_prefix"])
            and row["programme"] in (None, scope.programme)
            for scope in scopes[subject]
        )
    ]
