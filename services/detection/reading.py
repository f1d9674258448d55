"""Views of subjects from their fact rows, whose source may be PostgreSQL, or a prepared replay.

What is read of whom is decided here once. A source only looks rows up, for many subjects at a time, bounded
by the months asked for. The lateral joins make PostgreSQL walk the index for each subject, whatever it
believes about the tables.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from services.detection import facts
from services.detection.calendar import WorkingDays
from services.detection.facts.calendar import YearArranged
from services.detection.facts.fact import Body, kind_of
from services.detection.facts.policy import PolicyAdopted
from services.detection.identity import Identity
from services.detection.lasting import NOTHING, lasting
from services.detection.marks import Scope
from services.detection.policy import Policy
from services.detection.subjects import NUMBERED, subject_of
from services.detection.subjects import kind_of as kind_of_subject
from services.detection.subjects.subject import Bounded, Lasting, Seen, Subject
from services.detection.tables import NEIGHBOURLY
from services.platform.database import TEXTS, Connection, texts

_ASKED = f"unnest({TEXTS.format('$1')}, {TEXTS.format('$2')}) as w (subject, month)"

_FIRST = "0"
"""Before every month, and after none: the month of facts that belong to no month is empty."""


_BY_MONTH = f"""
select w.subject, w.month, f.body from {_ASKED}
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month = w.month and fact.live
) as f
where f.body is not null
"""

_SINCE = f"""
select w.subject, w.month, f.body from {_ASKED}
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.month >= w.month and fact.live and fact.kind <> 'link'
) as f
where f.body is not null
"""

# In these words there is an index for them.
_NEIGHBOURS = f"""
select w.subject, f.body from unnest({TEXTS.format("$1")}) as w (subject)
cross join lateral (
    select string_agg(body, ',') as body from fact
    where fact.subject = w.subject and fact.live and {NEIGHBOURLY}
) as f
where f.body is not null
"""

_BOUNDED = f"""
select w.subject, w.month, f.body, f.count from {_ASKED}
cross join lateral (
    select string_agg(body, ',') as body, count(*) as count from (
        select body from fact
        where fact.subject = w.subject and fact.month = w.month and fact.live and fact.kind = $3
        limit $4
    ) as bounded
) as f
where f.count >= $5
"""

_MONTHS = f"""
select w.subject, f.month from {_ASKED}
cross join lateral (
    select distinct fact.month from fact
    where fact.subject = w.subject and fact.month >= w.month and fact.kind = $3
) as f
"""


# The values in one order, so that the same ones are the same text.
_CIRCUMSTANCES = """
select
    (
        select string_agg(body, ',' order by subject, event_id) from fact
        where subject >= 'policy:' and subject < 'policy;' and live
    ) as policy,
    (
        select string_agg(body, ',' order by event_id) from fact where subject = 'calendar:year' and live
    ) as years,
    (
        select string_agg(body, ',' order by event_id) from fact
        where subject >= 'identity:' and subject < 'identity;' and live
    ) as identity,
    (select max(day) from day) as day
"""


@dataclass(frozen=True)
class Circumstances:
    """What holds for every subject: the policy, the latest applied closed day, working days."""

    policy: Policy
    closed: str | None
    calendar: WorkingDays
    identity: Identity


async def circumstances(connection: Connection, drafts: tuple[PolicyAdopted, ...] = ()) -> Circumstances:
    """Return the policy's and the calendar's facts that count, drafts beside them, and the latest day."""
    policy, years, identity, day = await connection.fetchrow(_CIRCUMSTANCES)
    closed = None if day is None else day.isoformat()
    return Circumstances(
        _policy(policy or "", drafts), closed, _calendar(years or ""), _identity(identity, closed)
    )


@lru_cache(maxsize=4)
def _policy(joined: str, drafts: tuple[PolicyAdopted, ...]) -> Policy:
    """Return what stored texts of adopted values say; the same text keeps what was answered from it."""
    adopted = facts.decode(joined) if joined else []
    return Policy([*(fact for fact in adopted if type(fact) is PolicyAdopted), *drafts])


@lru_cache(maxsize=4)
def _calendar(joined: str) -> WorkingDays:
    """Return what stored texts of arranged years say."""
    arranged = facts.decode(joined) if joined else ()
    return WorkingDays(fact for fact in arranged if type(fact) is YearArranged)


@lru_cache(maxsize=4)
def _identity(joined: str | None, closed: str | None) -> Identity:
    """Return what stored texts say of who is the same."""
    return Identity(facts.decode(joined) if joined else (), closed, NUMBERED)


Joined = tuple[str, str, str]
"""A subject, a month, and the texts of facts, joined with commas."""


class Rows(Protocol):
    """A source of fact rows that count. Subjects and months are parallel lists; an absent one has no row."""

    async def of_months(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject; the empty month is of those that have none."""

    async def since(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject and of those after it."""

    async def neighbours(self, subjects: Sequence[str], kinds: Collection[str]) -> Mapping[str, str]:
        """Return by subject the facts of kinds that are read as a neighbour's, joined; perhaps others too."""

    async def months(
        self, subjects: Sequence[str], months: Sequence[str], kind: str
    ) -> list[tuple[str, str]]:
        """Return (subject, month) of each month on from one that may have facts of a kind."""

    async def between(
        self, subjects: Sequence[str], months: Sequence[str], kind: str, least: int, limit: int
    ) -> list[tuple[str, str, str | None]]:
        """Return the facts of a kind of each month that has ``least``; None where more than ``limit``."""

    async def counted(self, bounded: Bounded, subject: str, month: str) -> Any:
        """Return the row in which PostgreSQL has counted a month's facts, or None."""


class Stored:
    """The rows of the generation that a connection's search path names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_months(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject."""
        return await self._connection.fetch(_BY_MONTH, texts(subjects), texts(months))

    async def since(self, subjects: Sequence[str], months: Sequence[str]) -> list[Joined]:
        """Return the facts of each month of a subject and of those after it."""
        return await self._connection.fetch(_SINCE, texts(subjects), texts(months))

    async def neighbours(self, subjects: Sequence[str], kinds: Collection[str]) -> Mapping[str, str]:
        """Return by subject the facts of all kinds that are read as a neighbour's: they have an index."""
        return dict(await self._connection.fetch(_NEIGHBOURS, texts(subjects)))

    async def months(
        self, subjects: Sequence[str], months: Sequence[str], kind: str
    ) -> list[tuple[str, str]]:
        """Return each month on from one that may have facts of a kind."""
        return [
            (row[0], row[1])
            for row in await self._connection.fetch(_MONTHS, texts(subjects), texts(months), kind)
        ]

    async def between(
        self, subjects: Sequence[str], months: Sequence[str], kind: str, least: int, limit: int
    ) -> list[tuple[str, str, str | None]]:
        """Return the facts of a kind of each month that has so many; None for them where too many."""
        rows = await self._connection.fetch(_BOUNDED, texts(subjects), texts(months), kind, limit + 1, least)
        return [(name, month, body if count <= limit else None) for name, month, body, count in rows]

    async def counted(self, bounded: Bounded, subject: str, month: str) -> Any:
        """Return the row in which a month's facts are counted, or None."""
        return await self._connection.fetchrow(bounded.sql, subject, month)


async def gathered(
    rows: Rows, scopes: Mapping[str, Scope], known: Circumstances, bound: int | None = None
) -> "Gathered":
    """Return what is read of subjects and their neighbours, from which views are made under any policy.

    All kinds are read together. ``bound``: another limit than the declared one for facts that are read one
    by one.
    """
    read = {kind: _Read(subject_of(kind), scope, known.identity) for kind, scope in scopes.items()}
    await _scoped(rows, [one for one in read.values() if (of := one.subject.bounded) is None or of.beside])
    for one in read.values():
        if one.subject.bounded is not None:
            one.monthly, one.counted = await _bounded(rows, one.subject.bounded, one.scope, bound)
    await _neighbours(rows, [one for one in read.values() if one.subject.neighbours])
    return Gathered(read)


class Gathered:
    """What was read of subjects, by kind."""

    def __init__(self, read: Mapping[str, "_Read"]) -> None:
        self._read = read

    def views(self, known: Circumstances) -> dict[str, dict[str, Any]]:
        """Return views of all of it, by kind and name; ``known`` differs in its policy at most."""
        return {kind: one.views(known) for kind, one in self._read.items()}

    def large(self, bound: int) -> Iterator[str]:
        """Yield the subjects with more facts than ``bound``."""
        for one in self._read.values():
            yield from one.large(bound)


@dataclass
class _Read:
    """What is read of the subjects of one kind, by name."""

    subject: Subject[Any]
    scope: Scope
    identity: Identity
    own: dict[str, Lasting] = field(default_factory=dict)
    monthly: dict[str, list[Body]] = field(default_factory=dict)
    counted: dict[str, list[Any]] = field(default_factory=dict)
    beside: dict[str, dict[str, list[Body]]] = field(default_factory=dict)

    def views(self, known: Circumstances) -> dict[str, Any]:
        view = self.subject.view
        policy, closed, calendar, identity = known.policy, known.closed, known.calendar, known.identity
        own, monthly, beside, counted = self.own, self.monthly, self.beside, self.counted
        start = len(self.subject.kind) + 1
        names: Iterable[str] = self.scope
        if self.subject.bounded is not None and not self.subject.bounded.beside:
            # Nothing is found of whom nothing was read.
            names = dict.fromkeys([*monthly, *counted])
        return {
            name: view(
                Seen(
                    name[start:],
                    own.get(name, NOTHING),
                    monthly.get(name, ()),
                    beside.get(name, _NOBODY),
                    policy,
                    closed,
                    counted.get(name, ()),
                    calendar,
                    identity,
                )
            )
            for name in names
        }

    def large(self, bound: int) -> Iterator[str]:
        """Yield the subjects with more facts than ``bound``, by one of the ways in which they are read."""
        yield from (name for name, lasting in self.own.items() if len(lasting.bodies) > bound)
        yield from (name for name, bodies in self.monthly.items() if len(bodies) > bound)
        yield from self.counted
        for reader, beside in self.beside.items():
            if len(beside) > bound or any(len(bodies) > bound for bodies in beside.values()):
                yield reader

    def asked(self) -> dict[str, list[str]]:
        """Return the neighbours whose facts are wanted, with who wants them."""
        asked: dict[str, list[str]] = defaultdict(list)
        names_of, names, alone = self.subject.names_of, self.subject.names, self.subject.alone
        for reader, one in self.own.items():
            for name in one.made(names_of):
                asked[name].append(reader)
        for reader, bodies in self.monthly.items():
            # Whom nobody looks at is not read: of all accounts only the shared ones' returns.
            if alone is None or not alone(bodies):
                for fact in bodies:
                    for name in names(fact):
                        asked[name].append(reader)
        return self._under_all_numbers(asked)

    def _under_all_numbers(self, asked: dict[str, list[str]]) -> dict[str, list[str]]:
        silent = {one.kind for one in self.subject.neighbours if not one.facts}
        if silent:
            asked = {name: readers for name, readers in asked.items() if kind_of_subject(name) not in silent}
        if self.identity.several:
            for name, readers in list(asked.items()):
                for same in self.identity.all(name):
                    if same != name:
                        asked[same] = [*asked.get(same, ()), *readers]
        return asked


_NOBODY: Mapping[str, list[Body]] = {}


async def _scoped(rows: Rows, read: Sequence[_Read]) -> None:
    """Read the subjects' own facts: those without a month, and those of the months that are looked at."""
    names: list[str] = []
    months: list[str] = []
    starts: list[tuple[str, str]] = []
    stands_for: dict[str, str] = {}
    for one in read:
        numbered = one.subject.number_of is not None and one.identity.several
        for subject, of in one.scope.items():
            for name in one.identity.all(subject) if numbered else (subject,):
                if name != subject:
                    stands_for[name] = subject
                names.append(name)
                months.append("")
                if one.subject.bounded is not None:
                    continue
                names += [name] * len(of.named)
                months += of.named
                if of.whole or of.since is not None:
                    starts.append((name, of.since or _FIRST))
    if not names:
        return
    found = await rows.of_months(names, months)
    if starts:
        found += await rows.since(*map(list, zip(*starts, strict=True)))
    of_kind = {one.subject.kind: (one.own, one.monthly) for one in read}
    several: dict[str, list[str]] = defaultdict(list)
    for name, month, joined in found:
        own, monthly = of_kind[kind_of_subject(name)]
        subject = stands_for.get(name, name)
        if month == "":
            if subject in own:
                several[subject].append(joined)
            else:
                own[subject] = lasting(joined)
                if stands_for:
                    several[subject].append(joined)
        elif subject in monthly:
            monthly[subject] += facts.decode(joined)
        else:
            monthly[subject] = facts.decode(joined)
    for subject, parts in several.items():
        if len(parts) > 1:
            of_kind[kind_of_subject(subject)][0][subject] = lasting(",".join(sorted(parts)))


async def _bounded(
    rows: Rows, bounded: Bounded, scope: Scope, bound: int | None
) -> tuple[dict[str, list[Body]], dict[str, list[Any]]]:
    limit, kind = bounded.limit if bound is None else bound, kind_of(bounded.kind)
    pairs = {(name, month) for name, months in scope.items() for month in months.named}
    starts = [
        (name, months.since or _FIRST)
        for name, months in scope.items()
        if months.whole or months.since is not None
    ]
    if starts:
        names, since = map(list, zip(*starts, strict=True))
        pairs.update(await rows.months(names, since, kind))
    own: dict[str, list[Body]] = defaultdict(list)
    counted: dict[str, list[Any]] = defaultdict(list)
    if pairs:
        names, of_months = map(list, zip(*sorted(pairs), strict=True))
        for name, month, joined in await rows.between(names, of_months, kind, bounded.least, limit):
            if joined is not None:
                own[name] += facts.decode(joined)
                continue
            row = await rows.counted(bounded, name, month)
            if row is not None:
                counted[name].append(bounded.counted(month, row))
    return own, counted


async def _neighbours(rows: Rows, read: Sequence[_Read]) -> None:
    """Read the neighbours' facts, by reader and neighbour, and those of who stands beyond them."""
    asked = [one.asked() for one in read]
    await _beside(rows, read, asked, [_kinds(one.subject) for one in read])
    further = [_beyond(one) for one in read]
    await _beside(rows, read, [wanted for wanted, _ in further], [kinds for _, kinds in further])


_Wanted = Mapping[str, list[str]]
_Kinds = Mapping[str, frozenset[type[Body]]]


def _kinds(subject: Subject[Any]) -> _Kinds:
    return {neighbour.kind: neighbour.facts for neighbour in subject.neighbours}


async def _beside(
    rows: Rows, read: Sequence[_Read], asked: Sequence[_Wanted], kinds: Sequence[_Kinds]
) -> None:
    names = sorted(set().union(*asked))
    if not names:
        return
    wanted_kinds = {kind_of(fact) for of_kind in kinds for of in of_kind.values() for fact in of}
    joined_of = await rows.neighbours(names, sorted(wanted_kinds))
    for one, wanted, of_kind in zip(read, asked, kinds, strict=True):
        for name in wanted.keys() & joined_of.keys():
            of = of_kind[kind_of_subject(name)]
            decoded = [fact for fact in facts.decode(joined_of[name]) if type(fact) in of]
            for reader in wanted[name]:
                one.beside.setdefault(reader, {})[name] = decoded


def _beyond(one: _Read) -> tuple[_Wanted, _Kinds]:
    """Return whom the neighbours that were read bring in, and which of their facts are read."""
    through = {neighbour.kind for neighbour in one.subject.neighbours if neighbour.beyond}
    wanted: dict[str, list[str]] = defaultdict(list)
    if through:
        for reader, beside in one.beside.items():
            for name, bodies in beside.items():
                if kind_of_subject(name) in through:
                    for fact in bodies:
                        for other in subject_of(kind_of_subject(name)).names(fact):
                            wanted[other].append(reader)
    kinds: dict[str, frozenset[type[Body]]] = {}
    for kind in through:
        kinds |= _kinds(subject_of(kind))
    return wanted, kinds
