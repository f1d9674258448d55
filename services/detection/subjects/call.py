"""A call to the hotline, with who was on duty at its line."""

from propcache.api import cached_property

from services.detection.facts.hotline import Called, Rostered
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Neighbour, Subject


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

    @cached_property
    def on_duty(self) -> list[Rostered]:
        """The turns of duty in which it fell: the minute one begins is in, the minute it ends is out."""
        called = self.called
        if called is None:
            return []
        turns = [turn for name in _duties(called) for turn in self.around("duty:" + name, Rostered)]
        return [turn for turn in turns if turn.begins <= called.minute < turn.ends]


def _duties(called: Called) -> tuple[str, str]:
    """Return whose turns are read: those of the line's day, and the long ones of the line."""
    return f"{called.line}/{called.date}", f"{called.line}/"


SUBJECT = Subject(
    kind="call",
    view=Call,
    neighbours=(Neighbour(kind="duty", facts=frozenset({Rostered}), of={Called: _duties}),),
)
