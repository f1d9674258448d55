"""Who is the same: numbers of persons that were corrected, and of households that were merged.

A correction edits no earlier fact: it says that two numbers are one person's. So numbers are joined, and the
last correction among those that are joined says by which the person is known now.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.detection.facts.fact import Body
from services.detection.facts.identity import Corrected, Merged

_Edge = tuple[str, str, str, str]


def edges_of(fact: Body) -> Sequence[tuple[str, str]]:
    """Return what a fact joins, as names of subjects: (as before, as now)."""
    if type(fact) is Corrected:
        return [("person:" + fact.person, "person:" + fact.corrected)]
    if type(fact) is Merged:
        return [("household:" + old, "household:" + fact.household_no) for old in fact.merged]
    return ()


class Identity:
    """What is the same as of a day; facts of a later business date are not there yet.

    ``numbered``: kinds of subject that go by the number of a person or a household, and by whose.
    """

    def __init__(
        self,
        facts: Iterable[Body] = (),
        closed: str | None = None,
        numbered: Mapping[str, str] | None = None,
    ) -> None:
        self._numbered = numbered or {}
        joined: dict[str, set[str]] = {}
        edges: list[_Edge] = []
        for fact in facts:
            if closed is None or fact.date > closed:
                continue
            for old, new in edges_of(fact):
                edges.append((fact.date, fact.event_id, old, new))
                one = joined.get(old, {old}) | joined.get(new, {new})
                for name in one:
                    joined[name] = one
        self._known: dict[str, str] = {}
        # The last one is the one that stays.
        for _, _, old, new in sorted(edges):
            self._known.update(dict.fromkeys(joined[old], new))
        self._all: Mapping[str, Sequence[str]] = {name: sorted(one) for name, one in joined.items()}
        # Nearly everybody has one number: who is not here is answered without a look at the name.
        self._several = self._all.keys() | {
            f"{kind}:{number}"
            for kind, of in self._numbered.items()
            for whose, _, number in (name.partition(":") for name in self._all)
            if whose == of
        }

    @property
    def several(self) -> bool:
        """Whether anybody has more than one number."""
        return bool(self._all)

    def now(self, name: str) -> str:
        """Return the name (``person:…``, ``household:…``) by which the same one is known now."""
        if name not in self._several:
            return name
        kind, _, number = name.partition(":")
        of = self._numbered.get(kind)
        if of is None:
            return self._known.get(name, name)
        return f"{kind}:{self.now(f'{of}:{number}').partition(':')[2]}"

    def all(self, name: str) -> Sequence[str]:
        """Return every name of the same one, this among them."""
        if name not in self._several:
            return (name,)
        kind, _, number = name.partition(":")
        of = self._numbered.get(kind)
        if of is None:
            return self._all.get(name) or (name,)
        return [f"{kind}:{other.partition(':')[2]}" for other in self.all(f"{of}:{number}")]
