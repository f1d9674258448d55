"""A petition, with the household that it is about."""

from functools import cached_property

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.petitions import PetitionFiled
from services.detection.policy import Scope
from services.detection.subjects.household import scope_of
from services.detection.subjects.subject import Dossier, Neighbour, Subject


class Petition(Dossier):
    """A petition, as of the latest closed day."""

    @cached_property
    def filed(self) -> PetitionFiled | None:
        """How it came in."""
        return self.last(PetitionFiled)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its own division, and the programme of its household."""
        filed = self.filed
        if filed is None:
            return Scope()
        enrolments = self.around(f"household:{filed.household_no}", Enrolled)
        return Scope(filed.division, scope_of(enrolments).programme)


SUBJECT = Subject(
    kind="petition",
    view=Petition,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled}),
            of={PetitionFiled: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
    ),
)
