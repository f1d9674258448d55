"""A batch of payments, with what the bank said of it."""

from calendar import monthrange
from functools import cached_property

from services.detection.facts.funds import BatchSubmitted
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Subject


class Batch(Dossier):
    """A batch, as of the latest closed day."""

    @cached_property
    def submitted(self) -> BatchSubmitted | None:
        """How it went to the bank."""
        return self.last(BatchSubmitted)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its programme, and a division where one is stated."""
        submitted = self.submitted
        return Scope() if submitted is None else Scope(submitted.division, submitted.programme)


def last_day(month: str) -> str:
    """Return the last day of a month, as text."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]}"


SUBJECT = Subject(kind="batch", view=Batch)
