"""Alerting in memory: what waits of one subscription, told by the pure rules alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.alerting.folding import Course, Group, Told, Waiting, due, settle
from services.alerting.subscription import Bounds

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


@dataclass
class Desk:
    """What has come and was not told yet, and what was told when: the items of each notice."""

    bounds: Bounds
    shown: int | None = None
    """How many groups the rules are shown at most; None: all."""
    course: Course = field(default_factory=Course)
    pending: list[tuple[str, str, datetime]] = field(default_factory=list)
    told: list[tuple[datetime, str | None, list[str]]] = field(default_factory=list)

    def come(self, items: Iterable[tuple[str, str]], at: datetime) -> None:
        """Items (what, about) come."""
        self.pending += [(what, about, at) for what, about in items]

    @property
    def waiting(self) -> Waiting:
        """What the rules see."""
        since: dict[str, datetime] = {}
        for _, about, at in self.pending:
            since.setdefault(about, at)
        groups = [Group(about, at) for about, at in since.items()][: self.shown]
        return Waiting(groups, self.pending[-1][2] if self.pending else None)

    def look(self, now: datetime) -> None:
        """One step at a moment."""
        self.course, told = settle(self.bounds, self.course, self.waiting, now)
        for one in told:
            self._tell(one, now)

    def _tell(self, one: Told, now: datetime) -> None:
        mine = [item for item in self.pending if one.about in (None, item[1])]
        self.pending = [item for item in self.pending if item not in mine]
        self.told.append((now, one.about, [what for what, _, _ in mine]))

    def rest(self, now: datetime) -> datetime:
        """Look whenever something is due, until nothing waits; return when that is."""
        while self.pending:
            moment = due(self.bounds, self.course, self.waiting)
            assert moment is not None
            now = max(now, moment)
            self.look(now)
        return now
