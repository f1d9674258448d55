"""A task of a campaign."""

from propcache.api import cached_property

from services.detection.facts.campaign import TaskAssigned
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Subject


class Task(Dossier):
    """A task, as of the latest closed day."""

    @cached_property
    def begun(self) -> TaskAssigned | None:
        """The first statement of it: a second one starts no clock again."""
        return self.first(TaskAssigned)

    @cached_property
    def assigned(self) -> TaskAssigned | None:
        """What was last said of it."""
        return self.last(TaskAssigned)

    @cached_property
    def scope(self) -> Scope:
        """Whom values are asked for: the village that has it."""
        return Scope(None if self.assigned is None else self.assigned.division)


SUBJECT = Subject(kind="task", view=Task)
