"""Facts of sources that are bound to an area, by what says where they belong; whichever day is closed.

A household lies where its latest enrolment or move says, of those that had taken effect in the month of the
fact: a move makes nobody an outsider who stated rightly what was before it. Before the first, that one says.
"""

from collections.abc import Callable, Iterable

from services.detection.facts.envelope import LOCATING, AreaBound
from services.detection.facts.fact import Body
from services.detection.subjects.subject import Neighbour, Seen, Subject


class Bounds:
    """The facts of some months, and what is said of where they belong."""

    def __init__(self, seen: Seen) -> None:
        self.facts = [fact for fact in seen.monthly if type(fact) is AreaBound]
        self._neighbours = seen.neighbours

    def located(self, fact: AreaBound) -> Body | None:
        """Return the fact that says where another one belongs; None where nobody does."""
        stated = [one for one in self._neighbours.get(fact.place or "", ()) if division_of(one) is not None]
        stated.sort(key=lambda one: (_since(one), one.date, one.event_id))
        before = [one for one in stated if _since(one) <= fact.month]
        return next(iter(before[-1:] or stated), None)


def division_of(fact: Body) -> str | None:
    """Return the division that a locating fact states, if it states one."""
    division: str | None = fact.division  # type: ignore[attr-defined]
    return division


def _since(fact: Body) -> str:
    return getattr(fact, "month", None) or fact.date[:7]


def _of(kind: str) -> Callable[[AreaBound], Iterable[str]]:
    def number(fact: AreaBound) -> Iterable[str]:
        of, _, number = (fact.place or "").partition(":")
        return (number,) if of == kind else ()

    return number


SUBJECT = Subject(
    kind="bounds",
    view=Bounds,
    neighbours=tuple(
        Neighbour(kind=kind, facts=frozenset(facts), of={AreaBound: _of(kind)})
        for kind, facts in LOCATING.items()
    ),
)
