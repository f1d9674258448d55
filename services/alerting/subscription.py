"""Who wants to be told of what, by which way, and how much of it at most."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from services.alerting.announcement import Announcement

Channel = Literal["stream", "webhook", "email", "digest"]
"""``email``: a message a notice; ``digest``: one a village and day. ``stream`` is reporting's live stream."""

STREAM = 0
"""The number of the subscription that the live stream shows: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which announcements are wanted; what is empty leaves nothing out.

    ``area``: the beginning of a division code. An announcement whose village is not known is in no area, one
    that names no programme in none of ``programmes``.
    """

    rules: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    programmes: frozenset[str] = frozenset()
    area: str = ""

    def takes(self, announcement: Announcement) -> bool:
        """Whether an announcement is wanted."""
        return (
            (not self.rules or announcement.rule in self.rules)
            and (not self.severities or announcement.severity in self.severities)
            and (not self.verbs or announcement.verb in self.verbs)
            and (not self.programmes or announcement.programme in self.programmes)
            and announcement.place.startswith(self.area)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much a subscription tells at most.

    ``most``: notices in a ``window``; what goes beyond becomes one digest, told when nothing more came for
    ``quiet``, or after ``longest``. A notice waits for ``gather``, so that what is found of one subject at
    once is one notice.
    """

    most: int = 20
    window: timedelta = timedelta(hours=1)
    gather: timedelta = timedelta(seconds=10)
    quiet: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it is kept; target and secret are sealed (``secrets``)."""

    number: int
    id: UUID
    channel: Channel
    wanted: Wanted
    bounds: Bounds

    def about(self, announcement: Announcement) -> str:
        """Return what a notice of it puts together: a subject, or in digests a village."""
        return announcement.place if self.channel == "digest" else announcement.subject
