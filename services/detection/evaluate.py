"""Evaluate, in one transaction: claim marks, read their subjects' facts, compute rules, write differences.

Order matters: claim, lock the subjects, and only then read, in a new statement. A fact that is committed
after that read has a mark of its own, so whichever worker does it, nothing is missed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.detection import bodies, generation, reading
from services.detection.announce import Stored, compare, save
from services.detection.bodies import Body
from services.detection.ingest import INDEXES_ONLY, LIVE, Mark, mark
from services.detection.reading import Scope
from services.detection.rules import FANS, RULES, FanOut
from services.detection.rules.rule import Finding, Rule
from services.detection.rules.views import CustodyView, HouseholdView
from services.platform.outbox import enqueue

_HEAD = "select subject from dirty order by priority, id limit $1 for update skip locked"

_CLAIM = """
select ctid, priority, subject, coalesce(month, '') as month, kind from dirty
where subject = any($1::text[]) for update skip locked
"""

_LOCK = """
select pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(subject, 0) as key from unnest($1::text[]) as s (subject) order by 1
) as k
"""

_STORED = """
select anomaly_id, subject, month, state, revision, content from finding where subject = any($1::text[])
"""

_PAYERS = """
select distinct s.subject, f.month from fact f join event e using (event_id),
    unnest(e.subjects) as s (subject)
where f.payment_no = any($1::text[]) and (s.subject like 'household:%' or s.subject like 'account:%')
"""


def nothing() -> None:
    """Do nothing at a fault point."""


@dataclass(frozen=True)
class Evaluator:
    """Rules and the way their findings go. ``publish``: whether changes are announced.

    ``generation``: the live generation, checked in each transaction; None for one that is not live.
    ``before_commit`` is a fault point of crash tests.
    """

    generation: int | None = None
    topic_prefix: str = "dibao"
    publish: bool = True
    rules: Sequence[Rule[Any]] = RULES
    without: Collection[str] = ()
    account_bound: int = reading.ACCOUNT_BOUND
    before_commit: Callable[[], None] = nothing

    async def work(self, connection: Any, limit: int = 1000) -> int:
        """Do the marks of up to ``limit`` subjects, in one transaction; return how many marks were done.

        Raises GenerationMovedError after a rebuild's swap.
        """
        async with connection.transaction():
            if self.generation is not None:
                await generation.enter(connection, self.generation)
            await connection.execute(INDEXES_ONLY)
            head = {row["subject"] for row in await connection.fetch(_HEAD, limit)}
            if not head:
                return 0
            claimed = await connection.fetch(_CLAIM, list(head))
            marks = [(row["subject"], row["month"], row["kind"]) for row in claimed]
            await self.evaluate(connection, marks, min((row["priority"] for row in claimed), default=LIVE))
            await connection.execute(
                "delete from dirty where ctid = any($1::tid[])", [row["ctid"] for row in claimed]
            )
            self.before_commit()
            return len(marks)

    async def evaluate(self, connection: Any, marks: Iterable[Mark], priority: int = LIVE) -> int:
        """Evaluate marked subjects in the open transaction; return how many findings changed."""
        scope, kinds = _scope_of(marks)
        await connection.execute(_LOCK, list(scope))
        known = await reading.circumstances(connection)
        by_kind: dict[str, dict[str, frozenset[str] | None]] = defaultdict(dict)
        for subject, months in scope.items():
            by_kind[subject.partition(":")[0]][subject] = months

        households = await reading.households(connection, by_kind["household"], known)
        accounts = await reading.accounts(connection, by_kind["account"], self.account_bound)
        custodies = await reading.custodies(connection, by_kind["custody"], known)
        persons = await reading.whole(connection, by_kind["person"].keys())

        found: dict[UUID, tuple[str, Finding]] = {}
        views: list[tuple[str, dict[str, Any]]] = [
            ("household", households),
            ("account", accounts),
            ("custody", custodies),
        ]
        for kind, of_kind in views:
            rules = [rule for rule in self.rules if rule.subject == kind]
            for subject, view in of_kind.items():
                for rule in rules:
                    for finding in rule.findings(view, self.without):
                        found[finding.anomaly_id] = subject, finding

        evaluated = {subject: scope[subject] for _, of_kind in views for subject in of_kind}
        changes = compare(found, await _stored(connection, evaluated))
        if changes:
            time = await connection.fetchval("select now()")
            messages = await save(connection, changes, self.topic_prefix, time)
            if self.publish:
                await enqueue(connection, messages)
        await self._set_wakes(connection, custodies)
        await mark(
            connection,
            await _fan_out(connection, kinds, households, custodies, persons),
            priority,
        )
        return len(changes)

    async def _set_wakes(self, connection: Any, custodies: dict[str, CustodyView]) -> None:
        if not custodies:
            return
        dues = {}
        for subject, view in custodies.items():
            days = [rule.next_due(view) for rule in self.rules if rule.next_due and rule.subject == "custody"]
            dues[subject] = min((day for day in days if day is not None), default=None)
        await connection.execute(
            """
            with w as (select * from unnest($1::text[], $2::date[]) as w (subject, due) order by subject),
                gone as (delete from wake using w where wake.subject = w.subject and w.due is null)
            insert into wake (subject, due) select subject, due from w where due is not null
            on conflict (subject) do update set due = excluded.due
            """,
            list(dues),
            list(dues.values()),
        )


def _scope_of(marks: Iterable[Mark]) -> tuple[Scope, dict[str, set[str]]]:
    months: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, set[str]] = defaultdict(set)
    for subject, month, kind in marks:
        months[subject].add(month)
        kinds[subject].add(kind)
    return {subject: None if "" in of else frozenset(of) for subject, of in months.items()}, kinds


async def _stored(connection: Any, scope: Scope) -> list[Stored]:
    if not scope:
        return []
    stored = []
    for row in await connection.fetch(_STORED, list(scope)):
        months = scope[row["subject"]]
        if months is None or row["month"] in months:
            stored.append(Stored(*row[:2], *row[2:]))
    return stored


async def _fan_out(
    connection: Any,
    kinds: dict[str, set[str]],
    households: dict[str, HouseholdView],
    custodies: dict[str, CustodyView],
    persons: dict[str, list[Body]],
) -> list[Mark]:
    """Return the marks of other subjects that the marked ones' facts concern, as FAN_OUTS declares."""
    marks: set[Mark] = set()
    numbers: set[str] = set()
    for subject, of in kinds.items():
        for fact in of:
            fan = FANS.get((subject.partition(":")[0], fact))
            if fan is None:
                continue
            if fan.through == "payment_no":
                numbers.add(subject.partition(":")[2])
            else:
                marks.update(
                    (name, "", "neighbour") for name in _through(fan, subject, households, custodies, persons)
                )
    if numbers:
        rows = await connection.fetch(_PAYERS, list(numbers))
        marks.update((row["subject"], row["month"], "neighbour") for row in rows)
    return sorted(marks)


def _through(
    fan: FanOut,
    subject: str,
    households: dict[str, HouseholdView],
    custodies: dict[str, CustodyView],
    persons: dict[str, list[Body]],
) -> Iterable[str]:
    if fan.through == "member_of":
        facts = persons.get(subject, [])
        return {"household:" + fact.household_no for fact in facts if isinstance(fact, bodies.MemberOf)}
    if fan.through == "grants_of_custody":
        return {"household:" + grant.household_no for grant in custodies[subject].grants}
    return {"custody:" + grant.custody_no for grant in households[subject].grants}
