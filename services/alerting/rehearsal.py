"""What a subscription would have told of what was announced. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.alerting import folding
from services.alerting.announcement import Announcement
from services.alerting.folding import Course, Group, Told, Waiting
from services.alerting.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A notice that would have been told, when and of what is in it; ``about`` None: a digest."""

    at: datetime
    about: str | None
    announcements: list[Announcement]


@dataclass(slots=True)
class _Stage:
    subscription: Subscription
    course: Course = field(default_factory=Course)
    pending: dict[str, list[tuple[datetime, Announcement]]] = field(default_factory=dict)
    latest: datetime | None = None
    told: list[Rehearsed] = field(default_factory=list)

    def come(self, one: Announcement, at: datetime) -> None:
        self.pending.setdefault(self.subscription.about(one), []).append((at, one))
        self.latest = at

    def waiting(self) -> Waiting:
        groups = []
        for about, held in self.pending.items():
            groups.append(Group(about, held[0][0]))
            if self.course.storm is not None or len(groups) > self.subscription.bounds.most:
                break
        return Waiting(groups, self.latest if groups else None)

    def look(self, now: datetime) -> None:
        self.course, told = folding.look(self.subscription, self.course, self.waiting(), now)
        for one in told:
            self._tell(one, now)

    def _tell(self, one: Told, now: datetime) -> None:
        mine: list[Announcement] = []
        for about in [one.about] if one.about is not None else list(self.pending):
            held = self.pending.pop(about)
            mine += [each for at, each in held if one.before is None or at < one.before]
            if left := [(at, each) for at, each in held if one.before is not None and at >= one.before]:
                self.pending[about] = left
        digest = one.about is None or self.subscription.channel == "digest"
        self.told.append(Rehearsed(now, None if digest else one.about, mine))

    def due(self) -> datetime | None:
        return folding.look_again(self.subscription, self.course, self.waiting())


def rehearse(
    subscription: Subscription, announced: Iterable[tuple[datetime, Announcement]], until: datetime
) -> list[Rehearsed]:
    """Return what would have been told until a moment, of what was announced when, in its order."""
    stage = _Stage(subscription)
    for at, one in announced:
        if not subscription.wanted.takes(one):
            continue
        if at != stage.latest:
            _catch_up(stage, at)
        stage.come(one, at)
    _catch_up(stage, until)
    return stage.told


def _catch_up(stage: _Stage, until: datetime) -> None:
    if stage.latest is not None and stage.latest <= until:
        stage.look(stage.latest)
    while (moment := stage.due()) is not None and moment <= until:
        stage.look(moment)
