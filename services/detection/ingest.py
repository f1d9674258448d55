"""Ingest: records of the log become fact rows and marks, in the pipeline's transaction.

A *version* of a fact is (event id, content digest). A fact counts iff exactly one version of its event id is
not voided; a void counts iff its own id has one version. Both are functions of sets that only grow and are
kept in the event's row, under its lock, so neither order nor batches nor workers matter. Rows of one batch
are locked in order of event id; only a void that turns out to have two contents, and a fact whose number
another one has stated, reach out of that order, and PostgreSQL's deadlock detection with the pipeline's retry
covers it.

What is so of nearly every fact costs next to nothing: that its id has one content, and that nobody else has
stated its number, for whoever is the first to do so holds it (``number``). Only where that is not so rows say
so, under the id and the number, which count as others do.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from operator import itemgetter
from time import monotonic
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from asyncpg.pgproto import pgproto

from events.envelope import Event, Record, event_id_of
from services.detection import facts, flight, following, generation, sweep
from services.detection.evaluate import Evaluator
from services.detection.facts import CONTEXTS
from services.detection.facts.calendar import YearArranged
from services.detection.facts.envelope import Claim, claim_of, content_of, identifier, stated
from services.detection.facts.fact import Body, Kept
from services.detection.facts.fact import kind_of as kind_of_fact
from services.detection.facts.identity import Corrected, Merged
from services.detection.facts.policy import PolicyAdopted
from services.detection.marks import READERS, Mark, mark, marks_of_identity
from services.detection.rows import KINDS, FactRow, fact_rows
from services.detection.rules import ALL, RuleSet
from services.detection.subjects import kind_of
from services.platform import tracing
from services.platform.database import Connection

_INSERT = """
insert into event (event_id, digests, voids, targets, subjects, receipt)
select event_id, array[digest], '{}', '{}', string_to_array(subjects, E'\\x1f'), receipt
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) as b (event_id, digest, subjects, receipt)
order by event_id
on conflict do nothing
returning event_id
"""

_RECEIPTS = "array_remove(array_append(e.receipts, e.digests[1]::text || '/' || e.receipt::text), null)"

_UPSERT = f"""
insert into event as e (event_id, digests, voids, targets, subjects, receipts)
select event_id, digests::uuid[], voids::text[], targets::uuid[], subjects::text[], receipts::text[]
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     as b (event_id, digests, voids, targets, subjects, receipts)
order by event_id
on conflict (event_id) do update set
    digests = array(select distinct unnest(e.digests || excluded.digests)),
    voids = array(select distinct unnest(e.voids || excluded.voids)),
    targets = array(select distinct unnest(e.targets || excluded.targets)),
    subjects = array(select distinct unnest(e.subjects || excluded.subjects)),
    receipts = array(select distinct unnest({_RECEIPTS} || excluded.receipts)),
    receipt = null
where not (e.digests @> excluded.digests and e.voids @> excluded.voids
    and e.subjects @> excluded.subjects and {_RECEIPTS} @> excluded.receipts)
returning event_id,
    (xmax = 0 and cardinality(digests) = 1 and cardinality(voids) = 0) as simple,
    (xmax <> 0 and cardinality(targets) > 0) as void_in_conflict
"""

# In one order, so that who states the same numbers in two batches at once waits for the other, and no more.
_CLAIM = """
insert into number (number, event_id, digest)
select number, event_id, digest
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as b (number, event_id, digest)
order by number, event_id, digest
on conflict do nothing
"""

_HOLDERS = "select number, event_id, digest from number where number = any($1::uuid[])"

_LOCKED = """
select event_id, digests, voids, targets, subjects, receipts from event where event_id = any($1::uuid[])
order by event_id for update
"""

_RECOMPUTE = """
update fact f set live = not f.live
from unnest($1::text[], $2::uuid[], $3::text[]) as w (subject, event_id, digests)
where f.subject = w.subject and f.event_id = w.event_id and f.live <> (f.digest = any(w.digests::uuid[]))
returning f.subject, f.month, f.kind, f.body
"""

_INSERT_VERSIONS = """
insert into fact (subject, month, event_id, digest, kind, body, live, ref)
select subject, month, event_id, digest, kind, body, false, ref
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
     as w (subject, month, event_id, digest, kind, body, ref)
on conflict do nothing
"""

# What follows from all that is known of an event, and so may become another body.
_INSERT_DERIVED = """
insert into fact as f (subject, month, event_id, digest, kind, body, live)
select subject, month, event_id, digest, kind, body, false
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
     as w (subject, month, event_id, digest, kind, body)
on conflict (subject, month, event_id, digest) do update set body = excluded.body
where f.body <> excluded.body
returning f.subject, f.month, f.kind, f.body, f.live
"""

_SEPARATOR = "\x1f"

_COLUMNS = ("subject", "month", "event_id", "digest", "kind", "body", "live", "ref")


class _Seen(msgspec.Struct, gc=False):
    """What a batch says of one event id: its versions, voids that name it, events that it voids.

    ``name`` is source and serial; ``receipts`` the files and batches that its versions came with, by digest;
    ``claims`` the number that each version states, and ``shared`` those of them that others state too;
    ``trace`` the context of a fact that is followed, or of one that undoes it.
    """

    event_id: UUID
    name: tuple[str, str] | None = None
    rows: dict[str, list[FactRow]] = {}
    receipts: set[tuple[str, str]] = set()
    claims: dict[str, Claim] = {}
    voids: Set[str] = frozenset()
    targets: Set[UUID] = frozenset()
    shared: Mapping[str, Claim] = MappingProxyType({})
    trace: str | None = None


Said = Mapping[int, _Seen]
"""What a batch says of each event id, by its number."""

_SLICE = 100


async def gather(records: Sequence[Record], kinds: Container[str] | None = None) -> Said:
    """Return what records say; ``kinds`` as ``fact_rows`` has it. Gives way now and then.

    Nothing that is made here is changed later: the transaction may be tried again.
    """
    seen: dict[int, _Seen] = {}
    for start in range(0, len(records), _SLICE):
        some = records[start : start + _SLICE]
        _gather(seen, (record.event for record in some), kinds)
        if tracing.on():
            _follow(seen, some)
        await asyncio.sleep(0)
    return seen


def _gather(seen: dict[int, _Seen], events: Iterable[Event], kinds: Container[str] | None) -> None:
    for event in events:
        event_id = event.event_id
        one = seen.get(event_id.int)
        if one is None:
            one = seen[event_id.int] = _Seen(event_id, (event.source, event.serial))
        digest = event.digest
        if event.correlation_id is not None and (receipt := _receipt(event.correlation_id)) is not None:
            one.receipts.add((digest, receipt))
        if digest in one.rows:
            continue
        one.rows[digest] = fact_rows(event, kinds)
        claim = claim_of(event)
        if claim is not None and (kinds is None or kind_of(claim.subject) in kinds):
            one.claims[digest] = claim
        if event.entry.void:
            target = event_id_of(event.data.source, event.data.id)
            one.targets |= {target}
            of = event.data.digest
            other = seen.get(target.int)
            if other is None:
                other = seen[target.int] = _Seen(target, (event.data.source, event.data.id))
            other.voids |= {f"{event_id}/{'*' if of is None else UUID(of)}"}


def _follow(seen: Said, records: Iterable[Record]) -> None:
    for record in records:
        if record.trace is not None:
            one = seen[record.event.event_id.int]
            for other in (one, *(seen[target.int] for target in one.targets)):
                other.trace = record.trace


@lru_cache(maxsize=4096)
def _receipt(correlation_id: str) -> str | None:
    """Return the id of a receipt in its one form; None for what is no receipt's."""
    try:
        return str(UUID(correlation_id))
    except ValueError:
        return None


def standing(digests: Iterable[UUID], voids: Iterable[str], single: Callable[[UUID], bool]) -> set[UUID]:
    """Return the versions of an event that no void undoes: if there is one, it counts, of several none does.

    ``single`` says whether a void's own event has exactly one version: one with two undoes nothing.
    """
    left = set(digests)
    for void in voids:
        by, _, which = void.partition("/")
        if single(UUID(by)):
            if which == "*":
                return set()
            left.discard(UUID(which))
    return left


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
    simple = [
        one
        for one in seen.values()
        if len(one.rows) == 1 and len(one.receipts) < 2 and not one.voids and not one.targets
    ]
    new: set[int] = set()
    if simple:
        new = {
            row[0].int
            for row in await connection.fetch(
                _INSERT,
                [one.event_id for one in simple],
                [digest for one in simple for digest in one.rows],
                [_SEPARATOR.join(_subjects(one)) for one in simple],
                [next((receipt for _, receipt in one.receipts), None) for one in simple],
            )
        }
    shared = await _claim(connection, seen)
    changed: list[Changed] = []
    copied: list[tuple[Any, ...]] = []
    others: dict[int, _Seen] = {}
    for number, one in seen.items():
        if number in shared:
            others[number] = shared.pop(number)
        elif number in new:
            _counted(one, copied, changed)
        else:
            others[number] = one
    others |= shared
    if copied:
        # What stands together in the index is written together.
        copied.sort(key=itemgetter(0))
        await connection.copy_records_to_table("fact", records=copied, columns=_COLUMNS)
    if others:
        changed += await _merge(connection, others)
    return changed


async def _claim(connection: Connection, seen: Said) -> dict[int, _Seen]:
    """Claim the numbers that facts state; return the events that share one, by number, those before included.

    A repeat shares nothing with itself.
    """
    claims = [(claim, one.event_id, digest) for one in seen.values() for digest, claim in one.claims.items()]
    if not claims:
        return {}
    # The driver's own kind, which is made and sent faster.
    numbers = [pgproto.UUID(claim.identity) for claim, _, _ in claims]
    done = await connection.execute(
        _CLAIM, numbers, [event_id for _, event_id, _ in claims], [digest for _, _, digest in claims]
    )
    if done == f"INSERT 0 {len(claims)}":
        return {}
    holders = {row[0].bytes: (row[1], row[2].hex) for row in await connection.fetch(_HOLDERS, numbers)}
    shared: dict[int, _Seen] = {}
    for claim, event_id, digest in claims:
        holder = holders[claim.identity]
        if holder[0] != event_id or holder[1] != digest:
            for sharing, version in ((event_id, digest), holder):
                one = shared.get(sharing.int) or seen.get(sharing.int) or _Seen(sharing)
                shared[sharing.int] = msgspec.structs.replace(one, shared={**one.shared, version: claim})
    return shared


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
        [_array(f"{UUID(digest)}/{receipt}" for digest, receipt in one.receipts) for one in ones],
    )
    changed: list[Changed] = []
    copied: list[tuple[Any, ...]] = []
    slow: list[_Seen] = []
    reach: set[UUID] = set()
    for event_id, simple, void_in_conflict in answers:
        one = seen[event_id.int]
        if simple and not one.shared:
            _counted(one, copied, changed)
            continue
        slow.append(one)
        if void_in_conflict:
            reach.add(event_id)
    if copied:
        await connection.copy_records_to_table("fact", records=copied, columns=_COLUMNS)
    if slow:
        changed += await _recompute(connection, slow, reach)
    return changed


def _subjects(one: _Seen) -> list[str]:
    subjects = dict.fromkeys(row.subject for rows in one.rows.values() for row in rows)
    if one.shared:
        subjects |= dict.fromkeys(claim.subject for claim in one.shared.values())
    return list(subjects)


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
    derived = [
        (kept.subject, kept.month, one.event_id, digest, KINDS[type(kept.body)], facts.encode(kept.body))
        for one in slow
        for digest, kept in _derived(one, events[one.event_id])
    ]
    changed: list[Changed] = []
    if derived:
        stored = await connection.fetch(_INSERT_DERIVED, *map(list, zip(*derived, strict=True)))
        changed += [
            Changed(subject, month, kind, body) for subject, month, kind, body, live in stored if live
        ]
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
    wanted: list[tuple[str, UUID, str]] = []
    for event_id, row in events.items():
        left = standing(row["digests"], row["voids"], single.__contains__)
        counting = _array(left) if len(left) == 1 else "{}"
        wanted += [(subject, event_id, counting) for subject in row["subjects"]]
        if len(row["digests"]) > 1:
            wanted.append((identifier(event_id), event_id, _array(left) if len(left) > 1 else "{}"))
    if wanted:
        rows = await connection.fetch(_RECOMPUTE, *map(list, zip(*wanted, strict=True)))
        changed += [Changed(*row) for row in rows]
    return changed


def _derived(one: _Seen, row: Any) -> Iterator[tuple[UUID, Kept]]:
    """Yield what an id keeps of its contents where it has several, and numbers of those who share them."""
    receipts: dict[UUID, list[str]] = defaultdict(list)
    for pair in sorted(row["receipts"] or ()):
        digest, _, receipt = pair.partition("/")
        receipts[UUID(digest)].append(receipt)
    if one.name is not None and len(row["digests"]) > 1:
        for version in row["digests"]:
            yield version, content_of(one.event_id, *one.name, version, receipts[version])
    for digest, claim in {**one.claims, **one.shared}.items():
        if claim.subject in row["subjects"]:
            yield UUID(digest), stated(one.event_id, claim, receipts[UUID(digest)])


def _array(values: Iterable[object]) -> str:
    """Return PostgreSQL's array text; the values are quoted, for a business number may hold anything."""
    quoted = ('"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return "{" + ",".join(quoted) + "}"


def marks_of(changed: Iterable[Changed], rules: RuleSet = ALL) -> tuple[list[Mark], list[Mark]]:
    """Return what must be evaluated at once, and what, or whose readers, once this is committed; in order."""
    own: set[Mark] = set()
    others: set[Mark] = set()
    triggers, later, readers = rules.triggers, rules.later, rules.readers
    for row in changed:
        place = kind_of(row.subject), row.kind
        by_month = triggers.get(place)
        if by_month is not None:
            own.add((row.subject, row.month if by_month else "", "fact"))
        if place in later:
            others.add((row.subject, "", "fact"))
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
_IDLE_SECONDS = 1.0


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
        self._behind_at = self._worked_at = -math.inf
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
        followed = [one for one in said.values() if one.trace is not None] if tracing.on() else ()
        if followed:
            await following.keep(connection, [(one.event_id, str(one.trace)) for one in followed])
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
            subjects = {subject: str(one.trace) for one in followed for subject in _subjects(one)}
            done = await evaluator.evaluate(connection, own, subjects)
            self._found |= done.changed
            self._left |= done.left
            evaluator.before_commit()

    def committed(self, records: Sequence[Record]) -> None:
        """Wake the tasks that work off marks and publish announcements, where there is something to do."""
        self._worked_at = monotonic()
        if len(records) >= BACKLOG:
            self._behind_at = self._worked_at
        left, found, self._left, self._found = self._left, self._found, False, False
        if left or found:
            self._woken(left, found)

    @property
    def behind(self) -> bool:
        """Whether a backlog is being ingested: the last large batch was a moment ago."""
        return monotonic() - self._behind_at < _BEHIND_SECONDS

    @property
    def idle(self) -> bool:
        """Whether nothing has come for a moment: nobody is kept waiting by what takes long."""
        return monotonic() - self._worked_at > _IDLE_SECONDS

    def revoked(self) -> None:
        """Do nothing: no cache here can be invalidated by another worker."""
