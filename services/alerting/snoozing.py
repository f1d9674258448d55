"""Snoozes: of an anomaly nothing is told for a while, unless it comes to rest on other facts. Pure.

What is held back is told when the snooze is over: nothing is lost by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.alerting.announcement import Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A snooze that lasts. ``subscription``: whose, None: everybody's. ``evidence``: as it was then."""

    number: int
    subscription: int | None
    anomaly_id: UUID
    evidence: str
    until: datetime


def holding(
    announcement: Announcement, subscription: int, snoozes: Collection[Snooze], now: datetime
) -> Snooze | None:
    """Return the snooze that holds an announcement back from a subscription, the longest of several."""
    found = [
        snooze
        for snooze in snoozes
        if snooze.anomaly_id == announcement.anomaly_id
        and snooze.subscription in (None, subscription)
        and snooze.evidence == announcement.evidence
        and now < snooze.until
    ]
    return max(found, key=lambda snooze: snooze.until, default=None)


def ended_by(announcement: Announcement, snoozes: Collection[Snooze]) -> list[Snooze]:
    """Return the snoozes that an announcement ends: the anomaly rests on other facts than it did."""
    return [
        snooze
        for snooze in snoozes
        if snooze.anomaly_id == announcement.anomaly_id and snooze.evidence != announcement.evidence
    ]
