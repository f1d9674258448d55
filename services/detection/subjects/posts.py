"""The posts that a person holds, by the roster: who is in office on a day, and by which numbers."""

from dataclasses import dataclass

from services.detection.facts.officials import Appointed, LeftPost
from services.detection.subjects.subject import Dossier, ordered


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
    appointed = view.around(name, Appointed)
    gone = list(view.around(name, LeftPost))
    for number in {fact.official_no for fact in appointed}:
        # Who left may be stated by the official's number alone.
        gone += view.around("official:" + number, LeftPost)
    left: dict[str, LeftPost] = {}
    for fact in ordered(gone):
        left.setdefault(fact.appointment_no, fact)
    return [Post(fact, left.get(fact.appointment_no)) for fact in appointed]
