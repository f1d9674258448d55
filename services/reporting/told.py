"""What alerting holds back and why, and whether all that was found was told; of the reader's area alone."""

from datetime import date
from typing import Any

from services.platform.balance import balance
from services.platform.database import Asked
from services.reporting.reach import own_area

_MOST = 500

# Of an anomaly whose announcements are forgotten nobody knows any more where it lay.
_SNOOZED = """
SELECT s.number, u.name AS subscription, s.anomaly_id, a.rule, a.village, a.household_no, s.until, s.reason,
  s.by, h.held, s.ended_at, s.ended_why
FROM alerting.snooze AS s
LEFT JOIN alerting.subscription AS u ON u.number = s.subscription
LEFT JOIN LATERAL (
  SELECT rule, village, household_no FROM alerting.announcement WHERE anomaly_id = s.anomaly_id
  ORDER BY revision DESC LIMIT 1
) AS a ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS held FROM alerting.item WHERE snooze = s.number AND notice IS NULL
) AS h
WHERE starts_with(coalesce(a.village, ''), $1)
ORDER BY s.ended_at IS NOT NULL, s.number DESC LIMIT $2
"""


async def snoozed(connection: Asked) -> list[dict[str, Any]]:
    """Return snoozes, those that last first; ``held``: how many announcements each holds back."""
    return [dict(row) for row in await connection.fetch(_SNOOZED, own_area() or "", _MOST)]


async def balanced(connection: Asked, since: date, until: date) -> list[dict[str, Any]]:
    """Return the balance a day and subscription: of a reader's area, of subscriptions to what lies in it."""
    return await balance(connection, since, until, own_area() or "")
