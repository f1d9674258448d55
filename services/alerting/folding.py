"""When what waits becomes notices, and when one digest of all of it. Pure.

What is found of one subject within seconds is one notice. As soon as more notices wait than a window still
has room for, a storm has begun: all that waits, and all that comes until it is quiet, is one digest. Who
subscribes to digests is told once a day, of each village.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from events.values import SHANGHAI
from services.alerting.subscription import Bounds, Subscription


@dataclass(frozen=True, slots=True)
class Group:
    """What waits to be told together: a subject or a village, and since when the first of it waits."""

    about: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a subscription waits: groups, the first first, and when the latest of all came.

    More than ``Bounds.most`` + 1 groups make no difference.
    """

    groups: Sequence[Group] = ()
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How a subscription stands: since when its window runs, notices told in it, since when a storm lasts."""

    window: datetime | None = None
    sent: int = 0
    storm: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of what waits of ``about``, or a digest of all that waits (None), of what came ``before``."""

    about: str | None
    before: datetime | None = None


def look(
    subscription: Subscription, course: Course, waiting: Waiting, now: datetime
) -> tuple[Course, list[Told]]:
    """Return what is to be told now of a subscription, by its channel, and how it stands then."""
    if subscription.channel == "digest":
        return course, settle_days(subscription.bounds, waiting, now)
    return settle(subscription.bounds, course, waiting, now)


def look_again(subscription: Subscription, course: Course, waiting: Waiting) -> datetime | None:
    """Return when ``look`` may tell something, if nothing comes until then."""
    if subscription.channel == "digest":
        return due_days(waiting)
    return due(subscription.bounds, course, waiting)


def settle(bounds: Bounds, course: Course, waiting: Waiting, now: datetime) -> tuple[Course, list[Told]]:
    """Return what is to be told now of a subscription, and how it stands then."""
    if not waiting.groups or waiting.latest is None:
        return course, []
    if course.storm is not None:
        if now < _storm_ends(bounds, course.storm, waiting.latest):
            return course, []
        return replace(course, storm=None), [Told(None)]
    if course.window is None or now >= course.window + bounds.window:
        course = replace(course, window=now, sent=0)
    if course.sent + len(waiting.groups) > bounds.most:
        return replace(course, storm=now), []
    told = [Told(group.about) for group in waiting.groups if now >= group.since + bounds.gather]
    return replace(course, sent=course.sent + len(told)), told


def settle_days(bounds: Bounds, waiting: Waiting, now: datetime) -> list[Told]:
    """Return the digests to be told now of the days that are over: one a village, or one of too many."""
    midnight = _midnight(now)
    over = [group for group in waiting.groups if group.since < midnight]
    if len(over) > bounds.most:
        return [Told(None, midnight)]
    return [Told(group.about, midnight) for group in over]


def due(bounds: Bounds, course: Course, waiting: Waiting) -> datetime | None:
    """Return when ``settle`` may tell something, if nothing comes until then."""
    if not waiting.groups or waiting.latest is None:
        return None
    if course.storm is not None:
        return _storm_ends(bounds, course.storm, waiting.latest)
    return min(group.since for group in waiting.groups) + bounds.gather


def due_days(waiting: Waiting) -> datetime | None:
    """Return when ``settle_days`` tells something."""
    if not waiting.groups:
        return None
    return _midnight(min(group.since for group in waiting.groups)) + timedelta(days=1)


def _storm_ends(bounds: Bounds, began: datetime, latest: datetime) -> datetime:
    return min(latest + bounds.quiet, began + bounds.longest)


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
