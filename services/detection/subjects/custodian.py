"""A person who holds cards of others, with the custodies, and the households whose cards they are."""

from collections.abc import Collection, Iterable
from itertools import takewhile

from propcache.api import cached_property

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.policy import Scope
from services.detection.subjects.held import Card, CardDossier, Holding
from services.detection.subjects.subject import Neighbour, Subject


class Custodian(CardDossier):
    """Whoever is named as custodian, or was handed a card, as of the latest closed day."""

    @cached_property
    def custodies(self) -> list[str]:
        """The numbers of the custodies in which they are named."""
        granted = {fact.custody_no for fact in self.of(Granted)}
        return sorted(granted | {fact.custody_no for fact in self.of(HandedOver)})

    def times(self, custody_no: str, without: Collection[str] = ()) -> list[Holding]:
        """Return who holds the card of a custody from when until when."""
        name = "custody:" + custody_no
        return self.holdings(
            self.around(name, Granted), self.around(name, HandedOver), self.around(name, Ended), without
        )

    def cards(self, without: Collection[str] = ()) -> list[Card]:
        """Return the cards that they hold on the latest closed day, in order of their custodies."""
        held = (self.held(self.times(number, without), without) for number in self.custodies)
        return [card for card in held if card is not None and card.holding.holder == self.number]

    def scope_of(self, cards: Collection[Card]) -> Scope:
        """Return whom values are asked for: what the households of all cards are in."""
        scopes = [self.scope_in(card.grant.household_no, card.grant.division) for card in cards]
        programmes = {scope.programme for scope in scopes}
        return Scope(
            _common(scope.division or "" for scope in scopes) or None,
            programmes.pop() if len(programmes) == 1 else None,
        )


def _common(divisions: Iterable[str]) -> str:
    """Return the digits with which all of these begin."""
    digits = zip(*divisions, strict=False)
    return "".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, digits))


SUBJECT = Subject(
    kind="custodian",
    view=Custodian,
    number_of="person",
    neighbours=(
        Neighbour(
            kind="person",
            facts=frozenset(),
            of={
                Granted: lambda fact: (fact.holder, fact.beneficiary),
                HandedOver: lambda fact: (fact.taker,),
            },
        ),
        Neighbour(
            kind="custody",
            facts=frozenset({Granted, HandedOver, Ended}),
            of={
                Granted: lambda fact: (fact.custody_no,),
                HandedOver: lambda fact: (fact.custody_no,),
            },
        ),
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={
                Granted: lambda fact: (fact.household_no,),
                HandedOver: lambda fact: (fact.household_no,),
            },
        ),
    ),
)
