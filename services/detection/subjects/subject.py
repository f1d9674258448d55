"""What a subject is: whom or what rules look at, with the neighbours whose facts it reads too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Generic, TypeVar

from services.detection.facts.fact import Body
from services.detection.policy import Policy, Scope


@dataclass(frozen=True, slots=True)
class Seen:
    """The facts of a subject that count, and what holds beside them.

    ``neighbours``: the facts that are read of each neighbour, by the neighbour's name (``person:…``).
    ``closed``: the latest closed day that is applied, as text. ``counted``: what stands for facts that are
    too many to be read one by one.
    """

    number: str
    facts: Sequence[Body]
    neighbours: Mapping[str, Sequence[Body]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    closed: str | None = None
    counted: Sequence[Any] = ()

    def around(self) -> Iterable[Body]:
        """Return the facts of all neighbours."""
        return chain.from_iterable(self.neighbours.values())


B = TypeVar("B", bound=Body)


class Dossier:
    """The view of a plain subject, as of the latest closed day: what is dated after it is not there yet."""

    def __init__(self, seen: Seen) -> None:
        self.number = seen.number
        self.policy = seen.policy
        self.closed = seen.closed
        self._seen = seen

    def of(self, kind: type[B]) -> list[B]:
        """Return the subject's facts of a kind, in order of (business date, event id)."""
        return _ordered(fact for fact in self._seen.facts if type(fact) is kind and self._is_there(fact))

    def last(self, kind: type[B]) -> B | None:
        """Return the last fact of a kind: of what describes a thing, the last one holds."""
        found = self.of(kind)
        return found[-1] if found else None

    def first(self, *kinds: type[B]) -> B | None:
        """Return the first fact of these kinds: of acts that stop a clock, the first one does."""
        found = _ordered(fact for kind in kinds for fact in self.of(kind))
        return found[0] if found else None

    def around(self, neighbour: str, kind: type[B]) -> list[B]:
        """Return a neighbour's facts of a kind, in order."""
        facts = self._seen.neighbours.get(neighbour, ())
        return _ordered(fact for fact in facts if type(fact) is kind and self._is_there(fact))

    @cached_property
    def ahead(self) -> str | None:
        """The earliest date after the latest closed day: then there will be more to see."""
        facts = chain(self._seen.facts, self._seen.around())
        return min((fact.date for fact in facts if not self._is_there(fact)), default=None)

    @cached_property
    def scope(self) -> Scope:
        """Whom values of policy are asked for; a file of the subject says more."""
        return Scope()

    def _is_there(self, fact: Body) -> bool:
        return self.closed is not None and fact.date <= self.closed


def _ordered(facts: Iterable[B]) -> list[B]:
    return sorted(facts, key=lambda fact: (fact.date, fact.event_id))


Of = Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another subject, some of whose facts are read as well.

    ``of`` names the neighbours that a fact of the reader brings in, by number, for each kind of fact that
    does. The way back, from the neighbour's fact to its readers, follows from it. ``unless``: the facts of
    the reader with which nobody need look.
    """

    kind: str
    facts: frozenset[type[Body]]
    of: Mapping[type[Body], Of]
    unless: Callable[[Sequence[Body]], bool] | None = None

    def names(self, fact: Body) -> list[str]:
        """Return the neighbours that a fact brings in (``person:…``)."""
        of = self.of.get(type(fact))
        return [] if of is None else [f"{self.kind}:{number}" for number in of(fact)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """Facts of a month that may be too many: beyond a limit PostgreSQL counts them instead.

    ``kind``: the only kind of fact that is read then; ``sql``: a statement of (subject, month) that returns
    one row, or none where nothing is left to count; ``counted``: what the view gets of that row.
    """

    kind: type[Body]
    limit: int
    sql: str
    counted: Callable[[str, Any], Any]


View = TypeVar("View")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Generic[View]):
    """A kind of subject. A plain one, with neither neighbours nor a view of its own, needs no declaration.

    ``scoped_by``: the kinds of fact that say to which division and programme the subject belongs or ever
    belonged; a changed policy of another scope does not concern it. Empty: it concerns all.
    """

    kind: str
    view: Callable[[Seen], View]
    neighbours: tuple[Neighbour, ...] = ()
    scoped_by: Mapping[type[Body], Callable[[Any], Scope]] = field(default_factory=dict)
    bounded: Bounded | None = None

    def names(self, fact: Body) -> list[str]:
        """Return the neighbours that a fact of the subject makes it read, each once."""
        if not self.neighbours:
            return []
        return list(dict.fromkeys(name for one in self.neighbours for name in one.names(fact)))


def plain(kind: str) -> Subject[Dossier]:
    """Return the declaration of a subject that needs none."""
    return Subject(kind=kind, view=Dossier)
