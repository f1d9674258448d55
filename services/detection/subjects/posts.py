"""The posts that a person holds, by the roster: who is in office on a day, and by which numbers."""

from dataclasses import dataclass

from services.detection.facts.officials import Appointed, LeftPost
from services.detection.subjects.subject import Dossier


@dataclass(frozen=True, slots=True)
class Post:
    """A post, from its first to its last day; both are days in office."""

    appointed: Appointed
    left: LeftPost | None

    def covers(self, day: str) -> bool:
        """Whether it was held on a day."""
        return self.appointed.date <= day and (self.left is None or day <= self.left.date)


def posts_of(view: Dossier, person: str) -> list[Post]:
    """Return every post of a person, in order, as of the latest closed day."""
    name = "person:" + person
    left: dict[str, LeftPost] = {}
    for fact in view.around(name, LeftPost):
        left.setdefault(fact.appointment_no, fact)
    return [Post(fact, left.get(fact.appointment_no)) for fact in view.around(name, Appointed)]
