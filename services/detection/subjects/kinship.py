"""Filings of kin: which of them stand, and whom they name."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.detection.facts.kinship import KinDeclared, KinReviewed
from services.detection.subjects.posts import Post
from services.detection.subjects.subject import Dossier


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing by the statements of its number, in order: the last one holds."""

    statements: tuple[KinDeclared, ...]

    @property
    def number(self) -> str:
        """The number of the filing."""
        return self.statements[0].filing_no

    def naming(self, view: Dossier, person: str, posts: Iterable[Post]) -> KinDeclared | None:
        """Return the first statement by which it names a person as the official, if its last one does.

        By the person, or by one of the numbers that they have on the roster.
        """
        numbers = {post.appointed.official_no for post in posts}
        wanted = view.person(person)
        named = [
            fact
            for fact in self.statements
            if view.person(fact.official) == wanted or fact.official_no in numbers
        ]
        return named[0] if named and named[-1] is self.statements[-1] else None


def filings(declared: Iterable[KinDeclared]) -> list[Filing]:
    """Return the filings of statements in order."""
    found: dict[str, list[KinDeclared]] = {}
    for fact in declared:
        found.setdefault(fact.filing_no, []).append(fact)
    return [Filing(tuple(statements)) for statements in found.values()]


def standing(declared: Iterable[KinDeclared], reviews: Iterable[KinReviewed]) -> list[Filing]:
    """Return the filings of which the last review does not say that they are no relatives."""
    last = {review.filing_no: review.outcome for review in reviews}
    return [one for one in filings(declared) if last.get(one.number) != "not_related"]
