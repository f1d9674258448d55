"""A household as one that may be of an official's kin: who joins it, whose cards are held, what was filed."""

from collections.abc import Collection

from propcache.api import cached_property

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, Joined, KinApplied, MembersChanged
from services.detection.facts.kinship import KinDeclared
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.policy import Scope
from services.detection.subjects.beside import first_of
from services.detection.subjects.held import CardDossier, Holding
from services.detection.subjects.kinship import Filing, filings
from services.detection.subjects.membership import Spell
from services.detection.subjects.subject import Neighbour, Subject


class Kin(CardDossier):
    """A household with what may make it one of an official's kin, as of the latest closed day."""

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for."""
        return self.scope_in(self.number)

    @cached_property
    def begun(self) -> list[Spell]:
        """The spells that have begun by the latest closed day."""
        month = (self.closed or "")[:7]
        return [spell for spell in self.spells(self.number) if spell.from_month <= month]

    @cached_property
    def over(self) -> list[Spell]:
        """Those after which the household was enrolled again."""
        return [
            spell
            for spell in self.begun
            if spell.to_month is not None
            and any(other is not spell and other.from_month >= spell.to_month for other in self.begun)
        ]

    @property
    def over_since(self) -> str:
        """The day on which the last of those ended, by its month or the decision, whichever is earlier."""
        days = (
            min(first_of(spell.to_month), spell.ended_by.date)
            for spell in self.over
            if spell.to_month is not None and spell.ended_by is not None
        )
        return max(days, default="")

    @cached_property
    def applied(self) -> frozenset[str]:
        """The applications that say, by their last statement, that they are of an official's kin."""
        last = {fact.application_no: fact.kin for fact in self.of(KinApplied)}
        return frozenset(number for number, kin in last.items() if kin)

    @cached_property
    def concerned(self) -> bool:
        """Whether a post or an application may show that an official is near; else nothing does."""
        return bool(self.applied) or any(type(fact) is Appointed for fact in self._seen.around())

    @cached_property
    def applications(self) -> dict[str, str]:
        """The applications on which the household was enrolled, by the enrolment's event."""
        return {fact.event_id: fact.application_no for fact in self.of(Joined) if fact.application_no}

    def filings(self) -> list[Filing]:
        """Return what was filed of the household."""
        return filings(self.of(KinDeclared))

    def times(self, without: Collection[str] = ()) -> list[Holding]:
        """Return who holds cards of the household from when until when."""
        granted = {fact.custody_no for fact in self.of(Granted)}
        numbers = sorted(granted | {fact.custody_no for fact in self.of(HandedOver)})
        found = []
        for name in ("custody:" + number for number in numbers):
            found += self.holdings(
                self.around(name, Granted), self.around(name, HandedOver), self.around(name, Ended), without
            )
        return [one for one in found if self.household(one.grant.household_no) == self.number]


SUBJECT = Subject(
    kind="kin",
    view=Kin,
    number_of="household",
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={Joined: lambda fact: (fact.household_no,)},
        ),
        Neighbour(
            kind="person",
            facts=frozenset({Appointed, LeftPost}),
            beyond=True,
            of={
                Joined: lambda fact: fact.persons,
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
    ),
)
