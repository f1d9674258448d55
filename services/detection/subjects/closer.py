"""An official on one day, with the petitions that they closed on it."""

from collections.abc import Collection
from itertools import takewhile

from propcache.api import cached_property

from services.detection.facts.petitions import ClosedBy, PetitionFiled
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Neighbour, Subject


class Closer(Dossier):
    """An official on one day, as of the latest closed day."""

    @property
    def official_no(self) -> str:
        """Who closed them."""
        return self.number.rpartition("/")[0]

    @property
    def day(self) -> str:
        """The day on which they did."""
        return self.number.rpartition("/")[2]

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: what the divisions of all these petitions have in common."""
        numbers = {fact.petition_no for fact in self.of(ClosedBy)}
        filed = [self.around("petition:" + number, PetitionFiled) for number in numbers]
        return Scope(_in_common({facts[-1].division for facts in filed if facts}))


def _in_common(divisions: Collection[str]) -> str | None:
    """Return how all of them begin."""
    if not divisions:
        return None
    both = zip(min(divisions), max(divisions), strict=True)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], both))


SUBJECT = Subject(
    kind="closer",
    view=Closer,
    neighbours=(
        Neighbour(
            kind="petition",
            facts=frozenset({PetitionFiled}),
            of={ClosedBy: lambda fact: (fact.petition_no,)},
        ),
    ),
)
