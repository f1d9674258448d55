"""A matter of petitions, with whoever is the same among their petitioners and households."""

from services.detection.facts.petitions import OnMatter, PetitionFiled
from services.detection.subjects.subject import Dossier, Neighbour, Subject

SUBJECT = Subject(
    kind="matter",
    view=Dossier,
    neighbours=(
        # Of a number that is used on several matters the last filing says on which the petition is.
        Neighbour(
            kind="petition",
            facts=frozenset({PetitionFiled}),
            of={OnMatter: lambda fact: (fact.petition_no,)},
        ),
        Neighbour(
            kind="person",
            facts=frozenset(),
            of={OnMatter: lambda fact: (fact.petitioner,) if fact.petitioner else ()},
        ),
        Neighbour(
            kind="household",
            facts=frozenset(),
            of={OnMatter: lambda fact: (fact.household_no,) if fact.household_no else ()},
        ),
    ),
)
