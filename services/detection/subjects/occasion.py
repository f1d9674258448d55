"""An occasion for which temporary relief was granted, with whoever is the same among those who had it."""

from services.detection.facts.relief import ReliefGranted
from services.detection.subjects.subject import Dossier, Neighbour, Subject

SUBJECT = Subject(
    kind="occasion",
    view=Dossier,
    neighbours=(
        Neighbour(kind="person", facts=frozenset(), of={ReliefGranted: lambda fact: (fact.person,)}),
    ),
)
