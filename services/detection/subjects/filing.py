"""A filing of an official's near relative, with the household that receives."""

from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.kinship import KinDeclared
from services.detection.subjects.beside import WithHouseholds
from services.detection.subjects.subject import Neighbour, Subject

SUBJECT = Subject(
    kind="filing",
    view=WithHouseholds,
    neighbours=(
        Neighbour(
            kind="household",
            facts=frozenset({Enrolled, MembersChanged, Exited}),
            of={KinDeclared: lambda fact: (fact.household_no,)},
        ),
    ),
)
