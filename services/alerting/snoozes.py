"""Snoozes as they are kept: who made one, until when and why, and what ended it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.alerting.subscriptions import SubscriptionError
from services.platform.database import Asked

_LATEST = """
SELECT DISTINCT ON (anomaly_id) anomaly_id, evidence, verb FROM alerting.announcement
WHERE anomaly_id = $1 OR subject = $2 ORDER BY anomaly_id, revision DESC
"""
_SNOOZE = """
INSERT INTO alerting.snooze (subscription, anomaly_id, evidence, until, reason, by)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING number
"""


async def snooze(
    connection: Asked, what: UUID | str, *, subscription: int | None, until: datetime, reason: str, by: str
) -> list[int]:
    """Snooze an anomaly, or each that is open of a subject; return the numbers of the snoozes.

    Raises SubscriptionError where there is none.
    """
    asked = (what, None) if isinstance(what, UUID) else (None, what)
    found = [
        row
        for row in await connection.fetch(_LATEST, *asked)
        if isinstance(what, UUID) or row["verb"] != "withdrawn"
    ]
    if not found:
        raise SubscriptionError(f"nothing is announced of {what}")
    return [
        await connection.fetchval(
            _SNOOZE, subscription, row["anomaly_id"], row["evidence"], until, reason, by
        )
        for row in found
    ]


async def lift(connection: Asked, number: int) -> None:
    """End a snooze before its time. Raises SubscriptionError where it does not last."""
    answer = await connection.execute(
        "UPDATE alerting.snooze SET ended_at = now(), ended_why = 'lifted'"
        " WHERE number = $1 AND ended_at IS NULL",
        number,
    )
    if answer != "UPDATE 1":
        raise SubscriptionError(f"there is no snooze {number} that lasts")


async def listed(connection: Asked) -> list[dict[str, Any]]:
    """Return every snooze, the newest first, with how many announcements it holds back now."""
    rows = await connection.fetch(
        """
        SELECT s.number, u.name AS subscription, s.anomaly_id, s.until, s.reason, s.by, s.made_at, s.ended_at,
          s.ended_why,
          (SELECT count(*) FROM alerting.item WHERE snooze = s.number AND notice IS NULL) AS held
        FROM alerting.snooze AS s LEFT JOIN alerting.subscription AS u ON u.number = s.subscription
        ORDER BY s.number DESC
        """
    )
    return [dict(row) for row in rows]
