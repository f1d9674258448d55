"""An id that a source gave to a fact, with its contents where it has several; whichever day is closed."""

from services.detection.facts.envelope import OneContent
from services.detection.subjects.subject import Seen, Subject


class Identifier:
    """An id with the contents that stand beside one another, in order of their digests."""

    def __init__(self, seen: Seen) -> None:
        contents = [fact for fact in seen.facts() if type(fact) is OneContent]
        self.event_id = seen.number
        self.contents = sorted(contents, key=lambda fact: fact.digest)


SUBJECT = Subject(kind="identifier", view=Identifier)
