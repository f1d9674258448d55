"""Marks: which subjects are to be evaluated, and which of their months."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.detection.facts.fact import Body
from services.detection.identity import edges_of
from services.platform.database import TEXTS, Connection, texts

LIVE, SWEEP, LARGE = 0, 1, 2
"""Priorities of marks. Those of large subjects (``large``) have a turn of their own."""

_INSERT = f"""
insert into dirty (priority, subject, month, kind) select $4, subject, nullif(month, ''), kind
from unnest({TEXTS.format("$1")}, {TEXTS.format("$2")}, {TEXTS.format("$3")}) as m (subject, month, kind)
"""

Mark = tuple[str, str, str]
"""Subject, month, and the kind of the fact, or why else.

The month is empty where all are meant, and ends in ``+`` where it and all that follow are. A reason that
begins with ``>`` means not the subject but those who read such a fact of it.
"""

READERS: Final = ">"

SAME: Final = "same"
"""Why a subject is marked after it changed who is the same; where readers are meant, as a kind of fact."""

_SINCE: Final = "+"


@dataclass(frozen=True, slots=True)
class Months:
    """The months of a subject that are looked at, beside what has no month."""

    named: frozenset[str] = frozenset()
    since: str | None = None
    whole: bool = False

    def covers(self, month: str) -> bool:
        """Whether findings of a month, or without one (empty), are looked at."""
        return (
            self.whole
            or month in self.named
            or (self.since is not None and month >= self.since and month != "")
        )


WHOLE: Final = Months(whole=True)

Scope = Mapping[str, Months]
"""What is looked at, by subject."""


def since(month: str) -> str:
    """Return the month of a mark that means it and all that follow."""
    return month + _SINCE


@lru_cache(maxsize=4096)
def months_of(months: frozenset[str]) -> Months:
    """Return what the months of a subject's marks mean together."""
    if "" in months:
        return WHOLE
    starts = {month for month in months if month.endswith(_SINCE)}
    first = min((month.removesuffix(_SINCE) for month in starts), default=None)
    return Months(frozenset(month for month in months - starts if first is None or month < first), first)


def scope_of(marks: Iterable[Mark]) -> tuple[Scope, Mapping[str, set[str]]]:
    """Return what is to be looked at, and by subject the kinds of fact whose readers are meant."""
    months: dict[str, set[str]] = defaultdict(set)
    facts: dict[str, set[str]] = defaultdict(set)
    for subject, month, kind in marks:
        if kind[:1] == READERS:
            facts[subject].add(kind[1:])
        else:
            months[subject].add(month)
    return {subject: months_of(frozenset(marked)) for subject, marked in months.items()}, facts


def marks_of_identity(facts: Iterable[Body]) -> list[Mark]:
    """Return the marks of those who become the same by facts, or no longer are: their readers look again."""
    names = {name for fact in facts for edge in edges_of(fact) for name in edge}
    return [(name, "", READERS + SAME) for name in sorted(names)]


async def mark(connection: Connection, marks: Sequence[Mark], priority: int = LIVE) -> None:
    """Insert marks."""
    if marks:
        await connection.execute(
            _INSERT,
            texts([subject for subject, _, _ in marks]),
            texts([month for _, month, _ in marks]),
            texts([kind for _, _, kind in marks]),
            priority,
        )
