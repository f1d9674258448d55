"""An application, with the enrolments of its household and the relief that its applicant was granted."""

from collections.abc import Iterable

from propcache.api import cached_property

from services.detection.facts.enrollment import Applied, Approved, Enrolled, Refused
from services.detection.facts.fact import Body
from services.detection.facts.relief import Relieved
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Neighbour, Subject, ordered


class Application(Dossier):
    """An application, as of the latest closed day."""

    @cached_property
    def applied(self) -> Applied | None:
        """How it was made: the first statement, for a second one starts nothing again."""
        return self.first(Applied)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for."""
        applied = self.applied
        return Scope() if applied is None else Scope(applied.division, applied.programme)

    @cached_property
    def household_no(self) -> str | None:
        """The household that asks."""
        about = self.applied or self.first(Refused)
        return None if about is None else about.household_no

    def decisions(self) -> list[Body]:
        """Return the acts by which it was granted or refused, in order."""
        return ordered([*self.of(Approved), *self.of(Refused)])

    def enrolled_without_number(self) -> list[Enrolled]:
        """Return the enrolments of its household and programme since, that name no application."""
        applied = self.applied
        if applied is None:
            return []
        return [
            fact
            for fact in self.around(f"household:{self.household(applied.household_no)}", Enrolled)
            if fact.application_no is None
            and fact.programme == applied.programme
            and fact.date >= applied.date
        ]

    def relieved(self) -> list[Relieved]:
        """Return the grants of relief, since it was made, to its applicant or household; of relief only."""
        applied = self.applied
        if applied is None or applied.programme != RELIEF:
            return []
        asked = (
            f"relief:{self.person(applied.applicant)}",
            f"household_relief:{self.household(applied.household_no)}",
        )
        return [fact for name in asked for fact in self.around(name, Relieved) if fact.date >= applied.date]


RELIEF = "temporary_relief"


def _who_asked_for_relief(fact: Applied) -> Iterable[str]:
    return (fact.applicant,) if fact.programme == RELIEF else ()


def _where_relief_was_asked_for(fact: Applied) -> Iterable[str]:
    return (fact.household_no,) if fact.programme == RELIEF else ()


SUBJECT = Subject(
    kind="application",
    view=Application,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled}),
            of={Applied: lambda fact: (fact.household_no,)},
        ),
        Neighbour(kind="relief", facts=frozenset({Relieved}), of={Applied: _who_asked_for_relief}),
        Neighbour(
            kind="household_relief",
            facts=frozenset({Relieved}),
            of={Applied: _where_relief_was_asked_for},
        ),
    ),
)
