"""Time: a closed day is applied once ingestion has passed its cut; then the subjects due are marked."""

from collections.abc import Collection, Mapping
from datetime import date

from services.detection import facts, sweep
from services.detection.facts.calendar import DayClosed
from services.detection.generation import NAME
from services.detection.marks import Mark, mark, marks_of_identity
from services.detection.rules import ALL, RuleSet
from services.platform import offsets
from services.platform.database import Connection
from services.platform.offsets import Place

_WAKE_CHUNK = 2000

_WAITING = """
select string_agg(body, ',') from fact
where subject = 'calendar:day' and live and not exists (select from day where day.day = fact.month::date)
"""

_GONE = """
delete from day where not exists (
    select from fact where subject = 'calendar:day' and live and month = day.day::text
) returning day
"""


_IDENTITY = """
select string_agg(body, ',') from fact where subject >= 'identity:' and subject < 'identity;' and live
"""


async def apply_days(connection: Connection, version: int, rules: RuleSet = ALL) -> list[date]:
    """Apply every closed day whose cut the ingest has passed, in one transaction; return the new ones.

    A day that no longer counts (voided, or with two contents) is taken back, and who waits for days swept.
    """
    async with connection.transaction():
        gone = await connection.fetch(_GONE)
        await sweep.of_days(connection, [row["day"] for row in gone], rules)
        waiting = await connection.fetchval(_WAITING)
        if waiting is None:
            return []
        positions = await offsets.positions(connection, NAME, version)
        new = sorted(
            date.fromisoformat(fact.date)
            for fact in facts.decode(waiting)
            if type(fact) is DayClosed and passed(fact.cut, positions, rules.contexts)
        )
        if new:
            before = await connection.fetchval("select max(day) from day")
            await connection.execute(
                "insert into day (day) select unnest($1::date[]) on conflict do nothing", new
            )
            await mark(connection, await _same_since(connection, before, new[-1]))
        return new


async def _same_since(connection: Connection, before: date | None, day: date) -> list[Mark]:
    """Return the marks of those of whom it is so from one of these days on that they are the same."""
    joined = await connection.fetchval(_IDENTITY)
    since = "" if before is None else before.isoformat()
    stated = facts.decode(joined) if joined else ()
    return marks_of_identity(fact for fact in stated if since < fact.date <= day.isoformat())


def passed(
    cut: Mapping[str, Mapping[str, int]], positions: Mapping[Place, int], contexts: Collection[str]
) -> bool:
    """Whether the positions have passed a cut in every topic that detection consumes."""
    return all(
        positions.get((topic, int(partition)), 0) >= following
        for topic, partitions in cut.items()
        if topic.rpartition(".")[2] in contexts
        for partition, following in partitions.items()
    )


async def wake(connection: Connection) -> int:
    """Mark a chunk of the subjects that are due by the latest applied day; return how many.

    Called again and again: a wake that is written by an evaluation which read the day before is found later.
    """
    async with connection.transaction():
        rows = await connection.fetch(
            "delete from wake where subject in ("
            "    select subject from wake where due <= (select max(day) from day)"
            "    order by due, subject limit $1 for update skip locked) returning subject",
            _WAKE_CHUNK,
        )
        await mark(connection, [(row["subject"], "", "wake") for row in rows])
        return len(rows)
