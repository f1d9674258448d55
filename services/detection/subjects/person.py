"""A person, as others read them: the posts that they hold are given up under the official's number alone."""

from services.detection.facts.officials import Appointed, LeftPost
from services.detection.subjects.subject import Dossier, Neighbour, Subject

SUBJECT = Subject(
    kind="person",
    view=Dossier,
    neighbours=(
        Neighbour(
            kind="official",
            facts=frozenset({LeftPost}),
            of={Appointed: lambda fact: (fact.official_no,)},
        ),
    ),
)
