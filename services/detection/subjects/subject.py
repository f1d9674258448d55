"""What a subject is: whom or what rules look at, with the neighbours whose facts it reads too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Generic, TypeVar

from propcache.api import cached_property

from services.detection.calendar import WorkingDays
from services.detection.facts.fact import Body
from services.detection.identity import Identity
from services.detection.policy import Policy, Scope

T = TypeVar("T")


class Lasting:
    """The facts of a subject that belong to no month, and what follows from them alone, made once.

    The same text gives the same of these (``facts.lasting``), so nothing is assumed to stay as it was: only
    what would come out the same is not computed again. What is made must not be changed.
    """

    __slots__ = ("_made", "bodies")

    def __init__(self, bodies: Sequence[Body] = ()) -> None:
        self.bodies = bodies
        self._made: dict[Any, Any] = {}

    def made(self, make: Callable[[Sequence[Body]], T]) -> T:
        """Return what a function makes of the facts."""
        if make not in self._made:
            self._made[make] = make(self.bodies)
        found: T = self._made[make]
        return found


@dataclass(slots=True)  # one for each look at a subject: a frozen one takes three times as long to make
class Seen:
    """The facts of a subject that count, and what holds beside them. Nobody changes it.

    ``lasting`` are those without a month, ``monthly`` those of the months that are looked at. ``neighbours``:
    the facts that are read of each neighbour, by the neighbour's name (``person:…``). ``closed``: the latest
    closed day that is applied, as text. ``counted``: what stands for facts that are too many to be read one
    by one.
    """

    number: str
    lasting: Lasting
    monthly: Sequence[Body] = ()
    neighbours: Mapping[str, Sequence[Body]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    closed: str | None = None
    counted: Sequence[Any] = ()
    calendar: WorkingDays = field(default_factory=WorkingDays)
    identity: Identity = field(default_factory=Identity)

    def facts(self) -> Iterable[Body]:
        """Return the facts of the subject itself."""
        return chain(self.lasting.bodies, self.monthly)

    def around(self) -> Iterable[Body]:
        """Return the facts of all neighbours."""
        return chain.from_iterable(self.neighbours.values())


B = TypeVar("B", bound=Body)


class Dossier:
    """The view of a plain subject, as of the latest closed day: what is dated after it is not there yet."""

    def __init__(self, seen: Seen) -> None:
        self.number = seen.number
        self.policy = seen.policy
        self.calendar = seen.calendar
        self.closed = seen.closed
        self._seen = seen

    def of(self, kind: type[B]) -> list[B]:
        """Return the subject's facts of a kind, in order of (business date, event id)."""
        return [*self._by_kind.get(kind, ())]

    @cached_property
    def _by_kind(self) -> Mapping[type[Body], Sequence[Any]]:
        """The subject's facts that are there, by their kind, each in order."""
        found: dict[type[Body], list[Body]] = {}
        for fact in self._seen.facts():
            if self._is_there(fact):
                found.setdefault(type(fact), []).append(fact)
        return {kind: ordered(facts) for kind, facts in found.items()}

    def last(self, kind: type[B]) -> B | None:
        """Return the last fact of a kind: of what describes a thing, the last one holds."""
        found = self.of(kind)
        return found[-1] if found else None

    def first(self, kind: type[B]) -> B | None:
        """Return the first fact of a kind: of acts that stop a clock, the first one does."""
        found = self.of(kind)
        return found[0] if found else None

    def around(self, neighbour: str, kind: type[B]) -> list[B]:
        """Return a neighbour's facts of a kind, in order, under whichever of its numbers they were stated."""
        names, neighbours = self._seen.identity.all(neighbour), self._seen.neighbours
        if len(names) == 1 and neighbour not in neighbours:
            return []
        facts = chain.from_iterable(neighbours.get(name, ()) for name in names)
        return ordered(fact for fact in facts if type(fact) is kind and self._is_there(fact))

    @cached_property
    def ahead(self) -> str | None:
        """The earliest date after the latest closed day, on which the view will change."""
        facts = chain(self._seen.facts(), self._seen.around())
        return min((fact.date for fact in facts if not self._is_there(fact)), default=None)

    @cached_property
    def scope(self) -> Scope:
        """Whom values of policy are asked for; a file of the subject says more."""
        return Scope()

    @property
    def all_known_by_one(self) -> bool:
        """Whether nobody has more than one number."""
        return not self._seen.identity.several

    def person(self, token: str) -> str:
        """Return the number by which a person is known now: the last corrected one."""
        return self._seen.identity.now("person:" + token).removeprefix("person:")

    def household(self, number: str) -> str:
        """Return the number of the household that this one was merged into, or its own."""
        return self._seen.identity.now("household:" + number).removeprefix("household:")

    def _is_there(self, fact: Body) -> bool:
        return self.closed is not None and fact.date <= self.closed


def ordered(facts: Iterable[B]) -> list[B]:
    """Return facts in order of (business date, event id)."""
    found = list(facts)
    if len(found) > 1:
        found.sort(key=lambda fact: (fact.date, fact.event_id))
    return found


Of = Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another subject, some of whose facts are read as well.

    ``of`` names the neighbours that a fact of the reader brings in, by number, for each kind of fact that
    does. The way back, from the neighbour's fact to its readers, follows from it. The neighbour's facts must
    belong to no month. Of a person or a household that is known by several numbers the facts under all of
    them are read; without ``facts`` the reader only wants to know who is the same. ``beyond``: what its kind
    reads as its own neighbours is read as well, one step further and no more.
    """

    kind: str
    facts: frozenset[type[Body]]
    of: Mapping[type[Body], Of]
    beyond: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """Facts of a month that may be too many: beyond a limit PostgreSQL counts them instead.

    ``kind``: the only kind of fact with a month that is read; ``least``: of a month with fewer nothing is
    found, so that it is not read; ``sql``: a statement of (subject, month) that returns one row, or none
    where nothing is left to count; ``counted``: what the view gets of that row. ``beside``: whether the
    subject has facts without a month too; else there is nothing to look at where none with one are read.
    """

    kind: type[Body]
    least: int
    limit: int
    sql: str
    counted: Callable[[str, Any], Any]
    beside: bool = False


View = TypeVar("View")


@dataclass(frozen=True, kw_only=True)
class Subject(Generic[View]):
    """A kind of subject. A plain one, with neither neighbours nor a view of its own, needs no declaration.

    ``scoped_by``: the kinds of fact that say to which division and programme the subject belongs or ever
    belonged; a changed policy of another scope does not concern it. Empty: it concerns all. ``number_of``:
    ``person`` or ``household``, where its number is theirs: then whoever has several numbers is one subject,
    by the one that holds now. ``alone``: the
    facts of some months with which no neighbour matters.
    """

    kind: str
    view: Callable[[Seen], View]
    neighbours: tuple[Neighbour, ...] = ()
    scoped_by: Mapping[type[Body], Callable[[Any], Scope]] = field(default_factory=dict)
    number_of: str | None = None
    bounded: Bounded | None = None
    alone: Callable[[Sequence[Body]], bool] | None = None

    @cached_property
    def _ways(self) -> Mapping[type[Body], tuple[tuple[str, Of], ...]]:
        found: dict[type[Body], list[tuple[str, Of]]] = {}
        for one in self.neighbours:
            for kind, of in one.of.items():
                found.setdefault(kind, []).append((one.kind + ":", of))
        return {kind: tuple(ways) for kind, ways in found.items()}

    def names(self, fact: Body) -> Sequence[str]:
        """Return the neighbours that a fact of the subject makes it read (``person:…``)."""
        ways = self._ways.get(type(fact))
        return () if ways is None else [prefix + number for prefix, of in ways for number in of(fact)]

    @cached_property
    def names_of(self) -> Callable[[Sequence[Body]], tuple[str, ...]]:
        """The function that returns the neighbours of many facts, each once; always the same one."""

        def names_of(facts: Sequence[Body]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(name for fact in facts for name in self.names(fact)))

        return names_of


def plain(kind: str) -> Subject[Dossier]:
    """Return the declaration of a subject that needs none."""
    return Subject(kind=kind, view=Dossier)
