"""A petition, with the household that it is about and the officials who closed it."""

from propcache.api import cached_property

from services.detection.facts.enrollment import Enrolled
from services.detection.facts.officials import Appointed
from services.detection.facts.petitions import PetitionClosed, PetitionFiled
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

    def is_one_person(self, official: str, other: str) -> bool:
        """Whether two numbers of officials are those of one person, as their appointments say."""
        return official == other or not self._persons(official).isdisjoint(self._persons(other))

    def _persons(self, official: str) -> set[str]:
        return {fact.person for fact in self.around("official:" + official, Appointed)}


SUBJECT = Subject(
    kind="petition",
    view=Petition,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled}),
            of={PetitionFiled: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
        Neighbour(
            kind="official",
            facts=frozenset({Appointed}),
            of={
                PetitionClosed: lambda fact: [
                    official for official in (fact.closed_by, fact.confirmed_by) if official
                ]
            },
        ),
    ),
)
