"""A clue to misconduct, with the officials that it names and where it belongs."""

from msgspec.structs import replace
from propcache.api import cached_property

from services.detection.facts.clues import ClueReceived, ClueVerified
from services.detection.facts.enrollment import Enrolled
from services.detection.facts.officials import Appointed, LeftPost
from services.detection.facts.petitions import PetitionFiled
from services.detection.policy import Scope
from services.detection.subjects.household import scope_of
from services.detection.subjects.subject import Dossier, Neighbour, Subject, ordered


class Clue(Dossier):
    """A clue, as of the latest closed day."""

    @cached_property
    def received(self) -> ClueReceived | None:
        """How it came in."""
        return self.last(ClueReceived)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its own division, else its household's, else its petition's."""
        received = self.received
        if received is None:
            return Scope()
        household = scope_of(self.around(f"household:{received.household_no}", Enrolled))
        filed = self.around(f"petition:{received.petition_no}", PetitionFiled)
        of_petition = filed[-1].division if filed else None
        return Scope(received.division or household.division or of_petition, household.programme)

    @cached_property
    def answers(self) -> list[ClueVerified]:
        """The verifications that say when the informant was answered, dated by that day, in order."""
        return ordered(
            replace(fact, date=fact.answered_on)
            for fact in self.of(ClueVerified)
            if fact.answered_on is not None
        )

    def concerns_a_cadre(self) -> bool:
        """Whether it says so itself, or names somebody who was in office on the day it came in."""
        received = self.received
        return received is not None and (
            received.cadre or any(self._in_office(official, received.date) for official in received.officials)
        )

    def _in_office(self, official_no: str, day: str) -> bool:
        name = "official:" + official_no
        left = {fact.appointment_no for fact in self.around(name, LeftPost) if fact.date < day}
        return any(
            fact.date <= day and fact.appointment_no not in left for fact in self.around(name, Appointed)
        )


SUBJECT = Subject(
    kind="clue",
    view=Clue,
    neighbours=(
        Neighbour(
            kind="official",
            facts=frozenset({Appointed, LeftPost}),
            of={ClueReceived: lambda fact: fact.officials},
        ),
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled}),
            of={ClueReceived: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
        Neighbour(
            kind="petition",
            facts=frozenset({PetitionFiled}),
            of={ClueReceived: lambda fact: (fact.petition_no,) if fact.petition_no else ()},
        ),
    ),
)
