"""Ingest: records of the log become fact rows and marks, in the pipeline's transaction.

A *version* of a fact is (event id, content digest). A fact counts iff exactly one version of its event id is
not voided; a void counts iff its own id has one version. Both are functions of sets that only grow and are
kept in the event's row, under its lock, so neither order nor batches nor workers matter. Rows of one batch
are locked in order of event id; only a void that turns out to have two contents reaches out of that order,
and PostgreSQL's deadlock detection with the pipeline's retry covers it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from events.envelope import Event, Record, event_id_of
from services.detection import facts, generation, sweep
from services.detection.facts import CONTEXTS
from services.detection.facts.fact import kind_of as kind_of_fact
from services.detection.facts.policy import PolicyAdopted
from services.detection.marks import Mark, mark
from services.detection.rows import FactRow, fact_rows
from services.detection.rules import ALL, RuleSet
from services.detection.subjects import kind_of
from services.detection.tables import INDEXES_ONLY

_UPSERT = """
insert into event as e (event_id, digests, voids, targets, subjects)
select event_id, digests::uuid[], voids::text[], targets::uuid[], subjects::text[]
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
     as b (event_id, digests, voids, targets, subjects)
order by event_id
on conflict (event_id) do update set
    digests = array(select distinct unnest(e.digests || excluded.digests)),
    voids = array(select distinct unnest(e.voids || excluded.voids)),
    targets = array(select distinct unnest(e.targets || excluded.targets)),
    subjects = array(select distinct unnest(e.subjects || excluded.subjects))
where not (e.digests @> excluded.digests and e.voids @> excluded.voids)
returning event_id,
    (xmax = 0 and cardinality(digests) = 1 and cardinality(voids) = 0) as simple,
    (xmax <> 0 and cardinality(targets) > 0) as void_in_conflict
"""

_LOCKED = """
select event_id, digests, voids, targets, subjects from event where event_id = any($1::uuid[])
order by event_id for update
"""

_RECOMPUTE = """
update fact f set live = not f.live
from unnest($1::text[], $2::uuid[], $3::uuid[]) as w (subject, event_id, live_digest)
where f.subject = w.subject and f.event_id = w.event_id and f.live <> (f.digest = w.live_digest)
returning f.subject, f.month, f.kind, f.body
"""
# A digest that no content has stands for "no version counts".
_NONE = UUID(int=0)

_INSERT_VERSIONS = """
insert into fact (subject, month, event_id, digest, kind, body, live, ref)
select subject, month, event_id, digest, kind, body, false, ref
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
     as w (subject, month, event_id, digest, kind, body, ref)
on conflict do nothing
"""

_COLUMNS = ("subject", "month", "event_id", "digest", "kind", "body", "live", "ref")


@dataclass(slots=True)
class _Seen:
    """What a batch says of one event id."""

    rows: dict[UUID, list[FactRow]] = field(default_factory=dict)
    voids: set[str] = field(default_factory=set)
    targets: set[UUID] = field(default_factory=set)


def gather(events: Iterable[Event]) -> dict[UUID, _Seen]:
    """Return what events say of each event id: versions with their rows, and voids that name it."""
    seen: dict[UUID, _Seen] = defaultdict(_Seen)
    for event in events:
        one = seen[event.event_id]
        digest = UUID(event.digest)
        if digest in one.rows:
            continue
        one.rows[digest] = fact_rows(event)
        if event.entry.void:
            target = event_id_of(event.data.source, event.data.id)
            one.targets.add(target)
            of = event.data.digest
            seen[target].voids.add(f"{event.event_id}/{'*' if of is None else UUID(of)}")
    return seen


def counts(digests: Iterable[UUID], voids: Iterable[str], single: Callable[[UUID], bool]) -> UUID | None:
    """Return the version of an event that counts: the only one that no void undoes; None if there is none.

    ``single`` says whether a void's own event has exactly one version: one with two undoes nothing.
    """
    left = set(digests)
    for void in voids:
        by, _, which = void.partition("/")
        if single(UUID(by)):
            if which == "*":
                return None
            left.discard(UUID(which))
    return left.pop() if len(left) == 1 else None


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact row that begins to count, or no longer counts."""

    subject: str
    month: str
    kind: str
    body: str


async def store(connection: Any, events: Iterable[Event]) -> list[Changed]:
    """Store events as fact rows; return the rows that begin or cease to count. A repeat returns nothing."""
    seen = gather(events)
    if not seen:
        return []
    ids = sorted(seen)
    answers = await connection.fetch(
        _UPSERT,
        ids,
        [_array(seen[i].rows) for i in ids],
        [_array(seen[i].voids) for i in ids],
        [_array(seen[i].targets) for i in ids],
        [_array({row.subject for rows in seen[i].rows.values() for row in rows}) for i in ids],
    )
    changed: list[Changed] = []
    copied: list[tuple[Any, ...]] = []
    slow: list[UUID] = []
    reach: set[UUID] = set()
    for event_id, simple, void_in_conflict in answers:
        if not simple:
            slow.append(event_id)
            if void_in_conflict:
                reach.add(event_id)
            continue
        for digest, rows in seen[event_id].rows.items():
            for row in rows:
                copied.append((row.subject, row.month, event_id, digest, row.kind, row.body, True, row.ref))
                changed.append(Changed(row.subject, row.month, row.kind, row.body))
    if copied:
        await connection.copy_records_to_table("fact", records=copied, columns=_COLUMNS)
    if slow:
        changed.extend(await _recompute(connection, seen, slow, reach))
    return changed


async def _recompute(
    connection: Any, seen: dict[UUID, _Seen], slow: list[UUID], reach: set[UUID]
) -> list[Changed]:
    await connection.execute(INDEXES_ONLY)
    versions = [
        (row.subject, row.month, event_id, digest, row.kind, row.body, row.ref)
        for event_id in slow
        for digest, rows in seen[event_id].rows.items()
        for row in rows
    ]
    if versions:
        await connection.execute(_INSERT_VERSIONS, *map(list, zip(*versions, strict=True)))
    events = {row["event_id"]: row for row in await connection.fetch(_LOCKED, slow)}
    others = {target for void in reach for target in events[void]["targets"]} - events.keys()
    if others:
        events.update({row["event_id"]: row for row in await connection.fetch(_LOCKED, sorted(others))})
    voiding = {UUID(void.partition("/")[0]) for row in events.values() for void in row["voids"]}
    single = {
        row["event_id"]
        for row in await connection.fetch(
            "select event_id from event where event_id = any($1::uuid[]) and cardinality(digests) = 1",
            list(voiding),
        )
    }
    wanted = [
        (subject, event_id, counts(row["digests"], row["voids"], single.__contains__) or _NONE)
        for event_id, row in events.items()
        for subject in row["subjects"]
    ]
    if not wanted:
        return []
    rows = await connection.fetch(_RECOMPUTE, *map(list, zip(*wanted, strict=True)))
    return [Changed(*row) for row in rows]


def _array(values: Iterable[object]) -> str:
    """Return PostgreSQL's array text; the values are quoted, for a business number may hold anything."""
    quoted = ('"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"


def marks_of(changed: Iterable[Changed], rules: RuleSet = ALL) -> list[Mark]:
    """Return what must be evaluated, each once, in order."""
    marks: set[Mark] = set()
    for row in changed:
        by_month = rules.triggers.get((kind_of(row.subject), row.kind))
        if by_month is not None:
            marks.add((row.subject, row.month if by_month else "", row.kind))
    return sorted(marks)


_ADOPTED = kind_of_fact(PolicyAdopted)


async def begin_sweeps(connection: Any, changed: Iterable[Changed], rules: RuleSet = ALL) -> None:
    """Start a sweep for every policy value that begins or ceases to hold."""
    for row in changed:
        if row.kind == _ADOPTED:
            (fact,) = facts.decode(row.body)
            assert type(fact) is PolicyAdopted
            await sweep.of_policy(connection, fact, rules)


class Ingest:
    """The pipeline's handler. ``woken`` is called after a commit that may have left marks.

    ``marking`` is off in a rebuild, which evaluates every subject once at its end.
    """

    name = generation.NAME
    contexts = CONTEXTS

    def __init__(
        self,
        number: int,
        woken: Callable[[], None] = lambda: None,
        *,
        marking: bool = True,
        live: bool = True,
    ) -> None:
        self.version = number
        self._woken = woken
        self._marking = marking
        self._live = live

    async def handle(self, connection: Any, records: Sequence[Record]) -> None:
        """Store the records' facts, marks and sweeps. Raises GenerationMovedError after a rebuild's swap."""
        if self._live:
            await generation.enter(connection, self.version)
        changed = await store(connection, (record.event for record in records))
        if self._marking:
            await mark(connection, marks_of(changed))
            await begin_sweeps(connection, changed)

    def committed(self, records: Sequence[Record]) -> None:
        """Wake the evaluation."""
        self._woken()

    def revoked(self) -> None:
        """Nothing is cached."""
