"""Evaluate, in one transaction: claim marks, read their subjects' facts, compute rules, write differences.

Order matters: claim, lock the subjects, and only then read, in a new statement. A fact that is committed
after that read has a mark of its own, so whichever worker does it, nothing is missed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

from services.detection import flight, generation, reading
from services.detection.announce import Stored, compare, messages, save
from services.detection.following import NOBODY, Followed
from services.detection.identity import Identity
from services.detection.large import Large
from services.detection.marks import (
    LARGE,
    LIVE,
    READERS,
    SAME,
    SWEEP,
    WHOLE,
    Mark,
    Months,
    Scope,
    mark,
    scope_of,
)
from services.detection.rows import BESIDE
from services.detection.rules import ALL, RuleSet
from services.detection.rules.rule import Finding
from services.detection.subjects import NUMBERED, kind_of
from services.platform.database import TEXTS, Connection, texts
from services.platform.outbox import enqueue

SWEPT = 20
"""Swept subjects evaluated in one transaction at most, which bounds how long a live fact may have to wait."""

_TURN_SECONDS = 0.002
"""After so long a time of looking at subjects others of this process have their turn.

Whoever takes a live fact in waits for PostgreSQL a dozen times, and each time for that turn as well.
"""

_HEAD = "select subject from dirty where priority = $1 order by id limit $2 for update skip locked"

_CLAIM = """
select ctid, priority, subject, coalesce(month, '') as month, kind from dirty
where subject = any($1::text[]) for update skip locked
"""

_LOCK = f"""
select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(subject, 0) as key
    from unnest({TEXTS.format("$1")}) as s (subject) order by 1
) as k
"""

_STORED = f"""
select anomaly_id, subject, month, state, revision, content from finding
where subject = any({TEXTS.format("$1")})
"""

# Of all versions: who read the neighbour by a fact that is void by now looks again as well.
_READERS = """
select distinct w.reader, s.subject, f.month from unnest($1::text[], $2::text[]) as w (name, reader)
cross join lateral (select event_id, month from fact where fact.ref = w.name) as f
join event e on e.event_id = f.event_id
cross join lateral unnest(e.subjects) as s (subject)
where starts_with(s.subject, w.reader || ':')
"""

_WAKES = """
with w as (select * from unnest($1::text[], $2::date[]) as w (subject, due) order by subject),
    gone as (delete from wake using w where wake.subject = w.subject and w.due is null)
insert into wake (subject, due) select subject, due from w where due is not null
on conflict (subject) do update set due = excluded.due where wake.due <> excluded.due
"""


def nothing() -> None:
    """Ignore a fault point."""


class Evaluated(NamedTuple):
    """Whether findings changed, and whether subjects are left to be looked at whole."""

    changed: bool
    left: bool


@dataclass(frozen=True, kw_only=True)
class Evaluator:
    """Rules and the way their findings go. ``publish``: whether changes are announced.

    ``generation``: the live generation, checked in each transaction; None for one that is not live.
    ``bound``: another limit for facts that are read one by one.
    ``large``: subjects that are left for ``work_large``; None where whoever evaluates does so at once.
    ``before_commit``: a fault point.
    """

    generation: int | None = None
    topic_prefix: str = "dibao"
    publish: bool = True
    rules: RuleSet = ALL
    bound: int | None = None
    large: Large | None = None
    before_commit: Callable[[], None] = nothing

    async def work(self, connection: Connection, limit: int = 1000) -> int:
        """Do the marks of up to ``limit`` subjects, in one transaction; return how many marks were done.

        Swept ones are done where no others wait, and ``SWEPT`` at a time. Raises GenerationMovedError after a
        rebuild's swap.
        """
        turns = [(LIVE, limit), (SWEEP, min(limit, SWEPT))]
        if self.large is None:
            turns.append((LARGE, 1))
        return await self._work(connection, turns, self.large)

    async def work_live(self, connection: Connection, limit: int) -> int:
        """Do the marks that facts have left, of up to ``limit`` subjects, as ``work`` does."""
        return await self._work(connection, [(LIVE, limit)], self.large)

    async def work_swept(self, connection: Connection, limit: int) -> int:
        """Do the marks of up to ``limit`` swept subjects, as ``work`` does."""
        return await self._work(connection, [(SWEEP, limit)], self.large)

    async def work_large(self, connection: Connection) -> int:
        """Do the marks of one large subject, in one transaction; return how many. Raises as ``work`` does."""
        return await self._work(connection, [(LARGE, 1)], None)

    async def _work(
        self, connection: Connection, turns: Iterable[tuple[int, int]], large: Large | None
    ) -> int:
        async with connection.transaction():
            if self.generation is not None:
                await generation.enter(connection, self.generation)
            for priority, limit in turns:
                rows = await connection.fetch(_HEAD, priority, limit)
                if rows:
                    break
            else:
                return 0
            claimed = await connection.fetch(_CLAIM, list({row["subject"] for row in rows}))
            marks = [(row["subject"], row["month"], row["kind"]) for row in claimed]
            scope, facts = scope_of(await _without_large(connection, marks, large))
            if facts:
                await flight.landed(connection)
            await self._evaluate(connection, scope)
            priority = min((row["priority"] for row in claimed), default=LIVE)
            if facts:
                await mark(connection, await self._readers(connection, facts), priority)
            await connection.execute(
                "delete from dirty where ctid = any($1::tid[])", [row["ctid"] for row in claimed]
            )
            self.before_commit()
            return len(marks)

    async def evaluate(
        self, connection: Connection, marks: Iterable[Mark], followed: Followed = NOBODY
    ) -> Evaluated:
        """Evaluate marked subjects in the open transaction; return what came of it.

        Large ones are left marked. ``followed``: of which of them a fact is followed that has just come.
        """
        scope = scope_of(await _without_large(connection, marks, self.large))[0]
        return await self._evaluate(connection, scope, followed)

    async def _evaluate(self, connection: Connection, scope: Scope, followed: Followed = NOBODY) -> Evaluated:
        if not scope:
            return Evaluated(False, False)
        await connection.execute(_LOCK, texts(scope))
        known = await reading.circumstances(connection)
        by_kind = _by_kind(scope)
        if known.identity.several and not by_kind.keys().isdisjoint(NUMBERED):
            # Who has several numbers is locked under all of them, whichever was marked.
            everyone = _of_everyone(scope, known.identity)
            if everyone.keys() - scope.keys():
                await connection.execute(_LOCK, texts(everyone))
                known = await reading.circumstances(connection)
            scope, by_kind = everyone, _by_kind(everyone)

        found: dict[UUID, tuple[str, Finding]] = {}
        evaluated: dict[str, Months] = {}
        of_kinds: dict[str, dict[str, Months]] = {}
        for kind in sorted(by_kind.keys() & self.rules.of_subject.keys()):
            evaluated |= by_kind[kind]
            of_kinds[kind] = (
                _by_number_now(by_kind[kind], known.identity) if kind in NUMBERED else by_kind[kind]
            )
        gathered = await reading.gathered(reading.Stored(connection), of_kinds, known, self.bound)
        if self.large is not None:
            self.large.learn(gathered.large(self.large.facts))
        seen = gathered.views(known)
        again: list[Mark] = []
        dues: dict[str, date | None] = {}
        turn = perf_counter()
        for kind, views in seen.items():
            for subject, view in views.items():
                for finding in findings_of(self.rules, kind, view, of_kinds[kind][subject]):
                    found[finding.anomaly_id] = subject, finding
                if perf_counter() - turn > _TURN_SECONDS:
                    await asyncio.sleep(0)
                    turn = perf_counter()
            again += [
                (subject, "", "whole") for subject in self._to_be_seen_whole(kind, views, of_kinds[kind])
            ]
            if kind in self.rules.waking:
                dues |= self._dues(kind, by_kind[kind], views)
        if dues:
            await connection.execute(_WAKES, list(dues), list(dues.values()))
        await mark(connection, again)

        changes = compare(found, await _stored(connection, evaluated))
        if changes:
            time = await connection.fetchval("select now()")
            events = await save(connection, changes, time)
            if self.publish:
                await enqueue(connection, await messages(connection, events, self.topic_prefix, followed))
        return Evaluated(bool(changes), bool(again))

    def _to_be_seen_whole(self, kind: str, views: Mapping[str, Any], months: Scope) -> Iterable[str]:
        """Yield the subjects of which some months were seen, and of which a rule wants to see all."""
        wanted = [rule.whole_where for rule in self.rules.of_subject[kind] if rule.whole_where is not None]
        if wanted:
            for subject, view in views.items():
                if not months[subject].whole and any(where(view) for where in wanted):
                    yield subject

    def _dues(self, kind: str, subjects: Scope, views: Mapping[str, Any]) -> dict[str, date | None]:
        """Return when each subject is to be looked at again without a fact; None: never."""
        rules = [rule.next_due for rule in self.rules.of_subject[kind] if rule.next_due is not None]
        # One that has another number by now waits for nothing under this. Of whom some months were seen it
        # is not known: where it matters they are seen whole, later.
        dues: dict[str, date | None] = {name: None for name, months in subjects.items() if months.whole}
        dues |= {
            subject: min((day for rule in rules if (day := rule(view)) is not None), default=None)
            for subject, view in views.items()
            if subject not in subjects or subjects[subject].whole
        }
        return dues

    async def _readers(self, connection: Connection, facts: Mapping[str, set[str]]) -> list[Mark]:
        """Return the marks of those who read, as their neighbours', these kinds of facts of subjects.

        Whoever has several numbers is read under all of them.
        """
        identity = (await reading.circumstances(connection)).identity
        asked: dict[tuple[str, str], bool] = {}
        found: set[Mark] = set()
        for subject, kinds in facts.items():
            of = kind_of(subject)
            names = identity.all(subject)
            readers: dict[str, bool] = {}
            if SAME in kinds:
                numbers = [name.partition(":")[2] for name in names]
                for kind in self.rules.numbered_by(of):
                    found |= {(f"{kind}:{number}", "", SAME) for number in numbers}
                for kind, concerned in self.rules.concerned_by_identity(of).items():
                    asked |= {(f"{kind}:{number}", one): False for number in numbers for one in concerned}
            for fact in kinds:
                for reader, by_month in self.rules.readers.get((of, fact), {}).items():
                    readers[reader] = readers.get(reader, True) and by_month
            for name in names:
                for reader, by_month in readers.items():
                    asked[name, reader] = asked.get((name, reader), True) and by_month
        if not asked:
            return sorted(found)
        by_month_only: dict[str, bool] = {}
        for (_, reader), by_month in asked.items():
            by_month_only[reader] = by_month_only.get(reader, True) and by_month
        for row in await connection.fetch(_READERS, *map(list, zip(*asked, strict=True))):
            name, reader, month = row["subject"], row["reader"], row["month"]
            found |= {(name, "", READERS + fact) for fact in self.rules.between.get(reader, ())}
            if reader in self.rules.of_subject:
                by_month = by_month_only[reader] and month[:1] != BESIDE
                found.add((name, month if by_month else "", "neighbour"))
        return sorted(found)


async def _without_large(
    connection: Connection, marks: Iterable[Mark], large: Large | None
) -> Iterable[Mark]:
    """Return the marks to be done now; those of large subjects are marked anew, for their own turn."""
    if large is None:
        return marks
    now, later = large.apart(marks)
    await mark(connection, later, LARGE)
    return now


def findings_of(
    rules: RuleSet, kind: str, view: Any, months: Months, without: Collection[str] = ()
) -> Iterable[Finding]:
    """Yield what rules find in the view of a subject, of which so many months were looked at."""
    # A rule without months needs all of them: what marks the subject for it marks it whole.
    for clear, tested in rules.by_test(kind, months.whole):
        if clear is None or without or not clear(view):
            for rule in tested:
                yield from rule.findings(view, without)


def _by_kind(scope: Scope) -> dict[str, dict[str, Months]]:
    found: dict[str, dict[str, Months]] = defaultdict(dict)
    for subject, months in scope.items():
        found[kind_of(subject)][subject] = months
    return found


def _of_everyone(scope: Scope, identity: Identity) -> Scope:
    """Return what is looked at with those that are one with it, who are then looked at whole."""
    found = dict(scope)
    for name in scope:
        others = identity.all(name)
        if kind_of(name) in NUMBERED and len(others) > 1:
            found |= dict.fromkeys(others, WHOLE)
    return found


def _by_number_now(scope: Scope, identity: Identity) -> dict[str, Months]:
    """Return what is looked at, each under the number that it has now."""
    return {identity.now(name): months for name, months in scope.items()}


async def _stored(connection: Connection, scope: Scope) -> list[Stored]:
    if not scope:
        return []
    return [
        Stored(*row)
        for row in await connection.fetch(_STORED, texts(scope))
        if scope[row["subject"]].covers(row["month"])
    ]
