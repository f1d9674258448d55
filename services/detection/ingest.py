"""Ingest: records of the log become fact rows and marks, in the pipeline's transaction.

A *version* of a fact is (event id, content digest). A fact counts iff exactly one version of its event id is
not voided; a void counts iff its own id has one version. Both are functions of sets that only grow and are
kept in the event's row, under its lock, so neither order nor batches nor workers matter. Rows of one batch
are locked in order of event id; only a void that turns out to have two contents reaches out of that order,
and PostgreSQL's deadlock detection with the pipeline's retry covers it.
"""

import asyncio
import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from events.envelope import Event, Record, event_id_of
from services.detection import facts, flight, generation, sweep
from services.detection.evaluate import Evaluator
from services.detection.facts import CONTEXTS
from services.detection.facts.calendar import YearArranged
from services.detection.facts.fact import Body
from services.detection.facts.fact import kind_of as kind_of_fact
from services.detection.facts.identity import Corrected, Merged
from services.detection.facts.policy import PolicyAdopted
from services.detection.marks import READERS, Mark, mark, marks_of_identity
from services.detection.rows import FactRow, fact_rows
from services.detection.rules import ALL, RuleSet
from services.detection.subjects import kind_of
from services.platform.database import Connection

_INSERT = """
insert into event (event_id, digests, voids, targets, subjects)
select event_id, array[digest], '{}', '{}', string_to_array(subjects, E'\\x1f')
from unnest($1::uuid[], $2::uuid[], $3::text[]) as b (event_id, digest, subjects)
order by event_id
on conflict do nothing
returning event_id
"""

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

_SEPARATOR = "\x1f"

_COLUMNS = ("subject", "month", "event_id", "digest", "kind", "body", "live", "ref")


class _Seen(msgspec.Struct, gc=False):
    """What a batch says of one event id: its versions, voids that name it, events that it voids."""

    event_id: UUID
    rows: dict[str, list[FactRow]] = {}
    voids: set[str] = set()
    targets: set[UUID] = set()


Said = Mapping[int, _Seen]
"""What a batch says of each event id, by its number."""

_SLICE = 100


async def gather(records: Sequence[Record], kinds: Container[str] | None = None) -> Said:
    """Return what records say; ``kinds`` as ``fact_rows`` has it. Gives way now and then.

    Nothing that is made here is changed later: the transaction may be tried again.
    """
    seen: dict[int, _Seen] = {}
    for start in range(0, len(records), _SLICE):
        _gather(seen, (record.event for record in records[start : start + _SLICE]), kinds)
        await asyncio.sleep(0)
    return seen


def _gather(seen: dict[int, _Seen], events: Iterable[Event], kinds: Container[str] | None) -> None:
    for event in events:
        event_id = event.event_id
        one = seen.get(event_id.int)
        if one is None:
            one = seen[event_id.int] = _Seen(event_id)
        digest = event.digest
        if digest in one.rows:
            continue
        one.rows[digest] = fact_rows(event, kinds)
        if event.entry.void:
            target = event_id_of(event.data.source, event.data.id)
            one.targets.add(target)
            of = event.data.digest
            other = seen.get(target.int)
            if other is None:
                other = seen[target.int] = _Seen(target)
            other.voids.add(f"{event_id}/{'*' if of is None else UUID(of)}")


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


class Changed(msgspec.Struct, frozen=True, gc=False):
    """A fact row that begins to count, or no longer counts."""

    subject: str
    month: str
    kind: str
    body: str


async def store(connection: Connection, seen: Said) -> list[Changed]:
    """Store events as fact rows; return the rows that begin or cease to count. A repeat returns nothing."""
    if not seen:
        return []
    simple = [one for one in seen.values() if len(one.rows) == 1 and not one.voids and not one.targets]
    new: set[int] = set()
    if simple:
        new = {
            row[0].int
            for row in await connection.fetch(
                _INSERT,
                [one.event_id for one in simple],
                [digest for one in simple for digest in one.rows],
                [_SEPARATOR.join(_subjects(one)) for one in simple],
            )
        }
    changed: list[Changed] = []
    copied: list[tuple[Any, ...]] = []
    others: dict[int, _Seen] = {}
    for number, one in seen.items():
        if number in new:
            _counted(one, copied, changed)
        else:
            others[number] = one
    if copied:
        await connection.copy_records_to_table("fact", records=copied, columns=_COLUMNS)
    if others:
        changed += await _merge(connection, others)
    return changed


def _counted(one: _Seen, copied: list[tuple[Any, ...]], changed: list[Changed]) -> None:
    """Add the rows of the one version of an event, which was not known and counts."""
    for digest, rows in one.rows.items():
        for row in rows:
            copied.append((row.subject, row.month, one.event_id, digest, row.kind, row.body, True, row.ref))
            changed.append(Changed(row.subject, row.month, row.kind, row.body))


async def _merge(connection: Connection, seen: dict[int, _Seen]) -> list[Changed]:
    """Add what is said of events that may be known, have several versions, or have to do with voids."""
    ones = [seen[number] for number in sorted(seen)]
    answers = await connection.fetch(
        _UPSERT,
        [one.event_id for one in ones],
        [_array(one.rows) for one in ones],
        [_array(one.voids) for one in ones],
        [_array(one.targets) for one in ones],
        [_array(_subjects(one)) for one in ones],
    )
    changed: list[Changed] = []
    copied: list[tuple[Any, ...]] = []
    slow: list[_Seen] = []
    reach: set[UUID] = set()
    for event_id, simple, void_in_conflict in answers:
        if simple:
            _counted(seen[event_id.int], copied, changed)
            continue
        slow.append(seen[event_id.int])
        if void_in_conflict:
            reach.add(event_id)
    if copied:
        await connection.copy_records_to_table("fact", records=copied, columns=_COLUMNS)
    if slow:
        changed += await _recompute(connection, slow, reach)
    return changed


def _subjects(one: _Seen) -> list[str]:
    return list(dict.fromkeys(row.subject for rows in one.rows.values() for row in rows))


async def _recompute(connection: Connection, slow: list[_Seen], reach: set[UUID]) -> list[Changed]:
    versions = [
        (row.subject, row.month, one.event_id, digest, row.kind, row.body, row.ref)
        for one in slow
        for digest, rows in one.rows.items()
        for row in rows
    ]
    if versions:
        await connection.execute(_INSERT_VERSIONS, *map(list, zip(*versions, strict=True)))
    events = {row["event_id"]: row for row in await connection.fetch(_LOCKED, [one.event_id for one in slow])}
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


def marks_of(changed: Iterable[Changed], rules: RuleSet = ALL) -> tuple[list[Mark], list[Mark]]:
    """Return what must be evaluated, and whose readers must be found once this is committed, in order."""
    own: set[Mark] = set()
    others: set[Mark] = set()
    triggers, readers = rules.triggers, rules.readers
    for row in changed:
        place = kind_of(row.subject), row.kind
        by_month = triggers.get(place)
        if by_month is not None:
            own.add((row.subject, row.month if by_month else "", "fact"))
        if place in readers:
            others.add((row.subject, "", READERS + row.kind))
    return sorted(own), sorted(others)


B = TypeVar("B", bound=Body)


def of_kind(changed: Iterable[Changed], kind: type[B]) -> list[B]:
    """Return the facts of one kind among rows that begin or cease to count."""
    name = kind_of_fact(kind)
    bodies = ",".join(row.body for row in changed if row.kind == name)
    return [fact for fact in facts.decode(bodies) if type(fact) is kind] if bodies else []


BACKLOG = 400
"""Batch size, in records, from which a backlog is assumed."""

_BEHIND_SECONDS = 1.0


class Ingest:
    """The pipeline's handler: facts are stored and what they concern is evaluated, in one transaction.

    Those who read a fact as a neighbour's are looked for after the commit, by a mark, when all have
    landed who did not see it yet (``flight``). ``woken`` is called after a commit that left marks, or found
    something to announce, and told which. Without an ``evaluator``
    facts are stored only: a rebuild evaluates every subject once at its end.
    """

    name = generation.NAME

    def __init__(
        self,
        number: int,
        evaluator: Evaluator | None,
        woken: Callable[[bool, bool], None] = lambda left, found: None,
        *,
        live: bool = True,
    ) -> None:
        self.version = number
        self.contexts = CONTEXTS if evaluator is None else evaluator.rules.contexts
        # With all rules all facts are kept that a type declares.
        self._kinds = None if evaluator is None or evaluator.rules is ALL else evaluator.rules.kinds
        self._evaluator = evaluator
        self._woken = woken
        self._live = live
        self._behind_at = -math.inf
        self._left = self._found = False

    async def prepare(self, records: Sequence[Record]) -> Said:
        """Make the records' fact rows."""
        return await gather(records, self._kinds)

    async def handle(self, connection: Connection, said: Said) -> None:
        """Store the records' facts and evaluate. Raises GenerationMovedError after a rebuild's swap."""
        if self._live:
            await generation.enter(connection, self.version)
        if self._evaluator is not None:
            await flight.take_off(connection)
        changed = await store(connection, said)
        evaluator = self._evaluator
        if evaluator is None or not changed:
            return
        own, others = marks_of(changed, evaluator.rules)
        others += marks_of_identity([*of_kind(changed, Corrected), *of_kind(changed, Merged)])
        await mark(connection, others)
        await sweep.of_policy(connection, of_kind(changed, PolicyAdopted), evaluator.rules)
        await sweep.of_years(connection, of_kind(changed, YearArranged), evaluator.rules)
        self._left |= bool(others)
        if own:
            done = await evaluator.evaluate(connection, own)
            self._found |= done.changed
            self._left |= done.left
            evaluator.before_commit()

    def committed(self, records: Sequence[Record]) -> None:
        """Wake the tasks that work off marks and publish announcements, where there is something to do."""
        if len(records) >= BACKLOG:
            self._behind_at = monotonic()
        left, found, self._left, self._found = self._left, self._found, False, False
        if left or found:
            self._woken(left, found)

    @property
    def behind(self) -> bool:
        """Whether a backlog is being ingested: the last large batch was a moment ago."""
        return monotonic() - self._behind_at < _BEHIND_SECONDS

    def revoked(self) -> None:
        """Do nothing: no cache here can be invalidated by another worker."""
