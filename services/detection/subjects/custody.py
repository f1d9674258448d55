"""A custody: its facts, the households that its grants name with their filings of kin, and holders' posts."""

from collections.abc import Collection, Mapping

from propcache.api import cached_property

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.kinship import KinDeclared, KinReviewed
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.policy import Scope
from services.detection.subjects.held import Card, CardDossier, Holding
from services.detection.subjects.household import HouseholdView
from services.detection.subjects.subject import Lasting, Neighbour, Subject, ordered

OFFICIAL = frozenset({"village_official", "township_staff"})
"""Custodians who hold a card openly as officials."""


class CustodyView(CardDossier):
    """A custody as of the latest closed day; ``grants``, ``ends`` and ``households`` whatever their dates."""

    @property
    def custody_no(self) -> str:
        """The number of the custody."""
        return self.number

    @cached_property
    def grants(self) -> list[Granted]:
        """Every grant of this number, in order."""
        return ordered(fact for fact in self._seen.facts() if type(fact) is Granted)

    @cached_property
    def ends(self) -> list[Ended]:
        """Every end of it."""
        return [fact for fact in self._seen.facts() if type(fact) is Ended]

    @cached_property
    def households(self) -> Mapping[str, HouseholdView]:
        """The households that its grants name."""
        neighbours = self._seen.neighbours
        return {
            number: HouseholdView(number, Lasting(neighbours.get("household:" + number, ())))
            for number in sorted({fact.household_no for fact in self.grants})
        }

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: those of the household that the last grant names."""
        grant = self.last(Granted)
        return Scope() if grant is None else self.scope_in(grant.household_no, grant.division)

    def times(self, without: Collection[str] = ()) -> list[Holding]:
        """Return who holds the card from when until when."""
        return self.holdings(self.of(Granted), self.of(HandedOver), self.of(Ended), without)

    def card(self, without: Collection[str] = ()) -> Card | None:
        """Return the card, if it is held on the latest closed day."""
        return self.held(self.times(without), without)


SUBJECT = Subject(
    kind="custody",
    view=CustodyView,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={Granted: lambda fact: (fact.household_no,)},
        ),
        Neighbour(
            kind="kin",
            facts=frozenset({KinDeclared, KinReviewed}),
            of={Granted: lambda fact: (fact.household_no,)},
        ),
        Neighbour(
            kind="person",
            facts=frozenset({Appointed, LeftPost}),
            beyond=True,
            of={
                Granted: lambda fact: (fact.holder, fact.beneficiary),
                HandedOver: lambda fact: (fact.taker,),
            },
        ),
    ),
)
