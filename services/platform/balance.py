"""Findings in = notices out: what was announced each day, and what of it each subscription was told.

Alerting keeps it of days that it forgets; the command line and the pages show it.
"""

from datetime import date, timedelta
from typing import Any

from services.platform.database import Asked

COLUMNS = (
    ("day", "日期"),
    ("subscription", "订阅"),
    ("findings", "预警变化"),
    ("in_notices", "逐条通知"),
    ("in_digests", "汇总"),
    ("snoozed", "暂缓"),
    ("waiting", "待通知"),
    ("lost", "缺失"),
    ("notices", "通知数"),
    ("digests", "汇总数"),
)
"""What a row of it has, and what people call that."""

BALANCE = """
WITH announced AS (
  SELECT a.*, (a.decided_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM alerting.announcement AS a
  WHERE a.decided_at >= $1::date::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND a.decided_at < ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND NOT EXISTS (
      SELECT FROM alerting.settled_day AS d
      WHERE d.settled_on = (a.decided_at AT TIME ZONE 'Asia/Shanghai')::date
    )
)
SELECT a.day, s.number, s.name AS subscription, count(*) AS findings,
  count(*) FILTER (WHERE n.kind = 'notice') AS in_notices,
  count(*) FILTER (WHERE n.kind = 'digest') AS in_digests,
  count(*) FILTER (WHERE i.notice IS NULL AND i.snooze IS NOT NULL) AS snoozed,
  count(*) FILTER (WHERE i.notice IS NULL AND i.snooze IS NULL AND i.event_id IS NOT NULL) AS waiting,
  count(*) FILTER (WHERE i.event_id IS NULL) AS lost,
  count(DISTINCT i.notice) FILTER (WHERE n.kind = 'notice') AS notices,
  count(DISTINCT i.notice) FILTER (WHERE n.kind = 'digest') AS digests
FROM announced AS a
JOIN alerting.subscription AS s ON s.ended_at IS NULL AND a.place > s.after_place
  AND (s.rules = '{}' OR a.rule = ANY (s.rules))
  AND (s.severities = '{}' OR a.severity = ANY (s.severities))
  AND (s.verbs = '{}' OR a.verb = ANY (s.verbs))
  AND (s.programmes = '{}' OR coalesce(a.key ->> 'programme', a.params ->> 'programme') = ANY (s.programmes))
  AND starts_with(coalesce(a.village, ''), s.area) AND starts_with(s.area, $3)
LEFT JOIN alerting.item AS i ON i.subscription = s.number AND i.event_id = a.event_id
LEFT JOIN alerting.notice AS n ON n.place = i.notice
GROUP BY a.day, s.number, s.name
UNION ALL
SELECT b.settled_on, s.number, s.name, b.findings, b.in_notices, b.in_digests, 0, 0, 0, b.notices, b.digests
FROM alerting.settled_balance AS b
JOIN alerting.subscription AS s ON s.number = b.subscription AND s.ended_at IS NULL
  AND starts_with(s.area, $3)
WHERE b.settled_on BETWEEN $1::date AND $2::date
ORDER BY day DESC, number
"""
"""Whom a finding concerns is asked here once more, in other words than when it was decided."""


async def balance(
    connection: Asked, since: date, until: date = date.max, area: str = ""
) -> list[dict[str, Any]]:
    """Return, a row a day and subscription that lasts, how many findings there were and what became of them.

    ``findings`` = ``in_notices`` + ``in_digests`` + ``snoozed`` + ``waiting``; ``lost`` is what is in none of
    them, and always 0. ``notices`` and ``digests``: how many these were. Of days that alerting has forgotten
    it is what was counted before. ``area``: only of subscriptions to what lies in it.
    """
    rows = await counted(connection, since, until, area)
    return [{name: value for name, value in row.items() if name != "number"} for row in rows]


async def counted(connection: Asked, since: date, until: date = date.max, area: str = "") -> list[Any]:
    """Return the rows of the balance, each with the ``number`` of its subscription."""
    return await connection.fetch(BALANCE, since, min(until, date.max - timedelta(days=1)), area)
