"""A call to the hotline."""

from functools import cached_property

from services.detection.facts.hotline import Called
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Subject


class Call(Dossier):
    """A call, as of the latest closed day."""

    @cached_property
    def begun(self) -> Called | None:
        """The first statement of it: a second one starts no clock again."""
        return self.first(Called)

    @cached_property
    def called(self) -> Called | None:
        """What was last said of it."""
        return self.last(Called)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: its division, where it names one."""
        return Scope(None if self.called is None else self.called.division)


SUBJECT = Subject(kind="call", view=Call)
