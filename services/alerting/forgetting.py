"""What was told is forgotten after some months, day by day, in small steps; that it was balanced is kept.

A day is settled once all that was announced on it is in notices that are no longer due, to every subscription
that lasts. Then its balance is kept, and what it was counted from goes: who was told, notices with their
attempts, announcements. Of each anomaly that is open the latest announcement stays, by which it is snoozed.
"""

import asyncio
import logging
from datetime import UTC, date, datetime

from services.platform import locks
from services.platform.balance import counted
from services.platform.database import Connection, Pool
from services.platform.failure import is_infrastructure
from services.platform.running import pause

_LOG = logging.getLogger(__name__)
_EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 10.0
_BETWEEN_SECONDS = 0.05
"""Between two steps, in which others decide and deliver."""
AT_A_TIME = 500

_UNTIL = "SELECT (($1::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - make_interval(months => $2))::date"
_BEGINS = "{}::timestamp AT TIME ZONE 'Asia/Shanghai'"
_DAYS = f"""
SELECT DISTINCT (decided_at AT TIME ZONE 'Asia/Shanghai')::date AS decided_on FROM alerting.announcement
WHERE decided_at < {_BEGINS.format("$1::date")}
EXCEPT SELECT settled_on FROM alerting.settled_day ORDER BY decided_on
"""
_ON_DAY = (
    f"a.decided_at >= {_BEGINS.format('d.settled_on')}"
    f" AND a.decided_at < {_BEGINS.format('(d.settled_on + 1)')}"
)
_DUE = f"""
SELECT EXISTS (
  SELECT FROM (SELECT $1::date AS settled_on) AS d JOIN alerting.announcement AS a ON {_ON_DAY}
  JOIN alerting.item AS i USING (event_id)
  JOIN alerting.notice AS n ON n.place = i.notice AND n.state = 'due'
  JOIN alerting.subscription AS s ON s.number = i.subscription AND s.ended_at IS NULL
)
"""
_SETTLE = """
INSERT INTO alerting.settled_balance
  (settled_on, subscription, findings, in_notices, in_digests, notices, digests)
SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
"""
_ITEMS = f"""
DELETE FROM alerting.item WHERE ctid = ANY (ARRAY(
  SELECT i.ctid FROM alerting.settled_day AS d JOIN alerting.announcement AS a ON {_ON_DAY}
  JOIN alerting.item AS i USING (event_id) WHERE NOT d.emptied LIMIT $1
))
"""
_EMPTIED = "UPDATE alerting.settled_day SET emptied = true WHERE NOT emptied"
# What is to be delivered stays, whatever it is of, unless nobody is there any more whom it is for.
_NOTICES = f"""
WITH old AS (
  SELECT n.place FROM alerting.notice AS n JOIN alerting.subscription AS s ON s.number = n.subscription
  WHERE n.made_at < {_BEGINS.format("$1::date")} AND (n.state <> 'due' OR s.ended_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM alerting.item WHERE notice = n.place)
  ORDER BY n.place LIMIT $2 FOR UPDATE OF n SKIP LOCKED
), attempts AS (DELETE FROM alerting.attempt WHERE notice IN (SELECT place FROM old))
DELETE FROM alerting.notice WHERE place IN (SELECT place FROM old)
"""
# A withdrawal goes after what it withdrew, which would look open without it; the last place is counted from.
_ANNOUNCEMENTS = f"""
DELETE FROM alerting.announcement WHERE event_id IN (
  SELECT a.event_id FROM alerting.settled_day AS d JOIN alerting.announcement AS a ON {_ON_DAY}
  WHERE d.emptied AND a.place < (SELECT max(place) FROM alerting.announcement)
    AND (
      EXISTS (
        SELECT FROM alerting.announcement AS l WHERE l.anomaly_id = a.anomaly_id AND l.revision > a.revision
      )
      OR a.verb = 'withdrawn' AND NOT EXISTS (
        SELECT FROM alerting.announcement AS e WHERE e.anomaly_id = a.anomaly_id AND e.revision < a.revision
      )
    )
  LIMIT $1
)
"""


async def keep_forgetting(pool: Pool, months: int, stop: asyncio.Event) -> None:
    """Forget hourly what is older than so many months, until ``stop``; 0 keeps all of it."""
    while not stop.is_set():
        seconds = _EVERY_SECONDS
        try:
            if months:
                await forget(pool, months, datetime.now(UTC))
        except Exception as error:
            if not is_infrastructure(error):
                raise
            _LOG.warning("forgetting what was told waits: %s", type(error).__name__)
            seconds = _PAUSE_SECONDS
        await pause(seconds, stop)


async def forget(pool: Pool, months: int, now: datetime) -> None:
    """Settle the days before so many months ago that can be settled, and delete what they stood for."""
    until: date = await pool.fetchval(_UNTIL, now, months)
    for row in await pool.fetch(_DAYS, until):
        async with pool.acquire(timeout=10) as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", locks.ALERTING)
            await _settle(connection, row["decided_on"])
    await _repeat(pool, _ITEMS, AT_A_TIME)
    await pool.execute(_EMPTIED)
    await _repeat(pool, _NOTICES, until, AT_A_TIME)
    await _repeat(pool, _ANNOUNCEMENTS, AT_A_TIME)


async def _settle(connection: Connection, decided_on: date) -> None:
    rows = await counted(connection, decided_on, decided_on)
    left = any(row["snoozed"] or row["waiting"] or row["lost"] for row in rows)
    if left or await connection.fetchval(_DUE, decided_on):
        return
    answer = await connection.execute(
        "INSERT INTO alerting.settled_day (settled_on) VALUES ($1) ON CONFLICT DO NOTHING", decided_on
    )
    if answer.endswith(" 0"):
        return  # another worker has settled it meanwhile
    counts = ("findings", "in_notices", "in_digests", "notices", "digests")
    await connection.execute(
        _SETTLE,
        decided_on,
        [row["number"] for row in rows],
        *([row[count] for row in rows] for count in counts),
    )


async def _repeat(pool: Pool, statement: str, *arguments: object) -> None:
    while True:
        answer = await pool.execute(statement, *arguments)
        if answer.endswith(" 0"):
            return
        await asyncio.sleep(_BETWEEN_SECONDS)
