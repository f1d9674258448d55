"""Sweeps: a changed policy value marks the subjects it concerns, in bounded chunks, behind live facts."""

from typing import Any

from services.detection import bodies
from services.detection.ingest import SWEEP
from services.detection.rules import RULES

CHUNK = 500

# The value in force on the first day of a month counts, so months from that of the day on may change; of
# the month in which the day falls, only if it is its first: one month too many does no harm.
_CHUNK = """
select subject, array_agg(distinct month) as months from fact
where subject > $1 and subject >= 'household:' and subject < 'household;' and month >= $2
group by subject order by subject limit $3
"""

_ENROLMENTS = """
select w.subject, f.body from unnest($1::text[]) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = '' and fact.kind = 'enrolled'
) as f
where f.body is not null
"""


async def sweep(connection: Any, chunk: int = CHUNK) -> int:
    """Mark the next chunk of the oldest unfinished sweep; return how many sweeps are unfinished."""
    async with connection.transaction():
        row = await connection.fetchrow(
            "select * from sweep where not done order by id limit 1 for update skip locked"
        )
        if row is None:
            return 0
        subjects: list[Any] = []
        if any(row["parameter"] == parameter.name for rule in RULES for parameter in rule.parameters):
            month = row["from_day"].isoformat()[:7]
            subjects = await connection.fetch(_CHUNK, row["cursor"], month, chunk)
        reached = await _in_scope(connection, row, [one["subject"] for one in subjects])
        marks = [
            (one["subject"], month)
            for one in subjects
            if one["subject"] in reached
            for month in one["months"]
        ]
        if marks:
            await connection.execute(
                "insert into dirty (priority, subject, month, kind) select $3, subject, month, 'policy' "
                "from unnest($1::text[], $2::text[]) as m (subject, month)",
                [subject for subject, _ in marks],
                [month for _, month in marks],
                SWEEP,
            )
        await connection.execute(
            "update sweep set cursor = $2, marked = marked + $3, done = $4 where id = $1",
            row["id"],
            subjects[-1]["subject"] if subjects else row["cursor"],
            len(reached),
            len(subjects) < chunk,
        )
        return int(await connection.fetchval("select count(*) from sweep where not done"))


async def _in_scope(connection: Any, row: Any, subjects: list[str]) -> set[str]:
    """Return the households that were ever enrolled within the scope: the parameters need a spell."""
    reached: set[str] = set()
    for subject, joined in await connection.fetch(_ENROLMENTS, subjects) if subjects else ():
        for fact in bodies.decode(joined):
            assert isinstance(fact, bodies.Enrolled)
            in_programme = row["programme"] in (None, fact.programme)
            if in_programme and fact.division.startswith(row["division_prefix"]):
                reached.add(subject)
    return reached
