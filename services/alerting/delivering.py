"""Notices on their way: one after the other to each subscription, tried again until it takes them."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.alerting.attempt import Attempt, Outcome, next_wait
from services.alerting.mail import message_of, send
from services.alerting.settings import AlertingSettings
from services.alerting.subscriptions import target_of
from services.alerting.webhook import body_of, headers_of, post
from services.platform import metrics, tracing
from services.platform.database import Pool
from services.platform.failure import Patience
from services.platform.fault import Fault
from services.platform.keys import Keys
from services.platform.running import pause
from services.platform.vault import SealBrokenError

_LOG = logging.getLogger(__name__)
_IDLE_SECONDS = 5.0
"""After which somebody may have asked for a test, or for a notice again."""
_AT_ONCE = 8
_LEASE_SECONDS = 5.0
"""Beyond the time that an attempt may take: then whoever made it has died."""

_DUE = """
SELECT n.place, n.id AS notice, n.content, n.made_at, n.tries, n.due_at, n.trace, s.id, s.number, s.channel,
  s.salt, s.sealed_target, s.sealed_secret
FROM alerting.subscription AS s CROSS JOIN LATERAL (
  SELECT * FROM alerting.notice WHERE subscription = s.number AND state = 'due' AND due_at <= $1
  ORDER BY place LIMIT 1
) AS n
WHERE s.ended_at IS NULL AND s.channel <> 'stream' AND coalesce(s.resting_until, '-infinity') <= $1
ORDER BY n.place LIMIT $2
"""
_NEXT = """
SELECT min(greatest(n.due_at, s.resting_until))
FROM alerting.subscription AS s CROSS JOIN LATERAL (
  SELECT min(due_at) AS due_at FROM alerting.notice WHERE subscription = s.number AND state = 'due'
) AS n
WHERE s.ended_at IS NULL AND s.channel <> 'stream' AND n.due_at IS NOT NULL
"""
_OLDEST = """
SELECT extract(epoch FROM now() - min(n.made_at))::float
FROM alerting.subscription AS s CROSS JOIN LATERAL (
  SELECT made_at FROM alerting.notice WHERE subscription = s.number AND state = 'due' ORDER BY place LIMIT 1
) AS n
WHERE s.ended_at IS NULL AND s.channel <> 'stream'
"""
_CLAIM = """
UPDATE alerting.notice SET tries = tries + 1, due_at = $3
WHERE place = $1 AND state = 'due' AND due_at = $2 RETURNING tries
"""
_TURN = "SELECT FROM alerting.notice WHERE place = $1 FOR NO KEY UPDATE"
_RECORD = """
INSERT INTO alerting.attempt (notice, number, at, seconds, outcome, status, error)
SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6 FROM alerting.attempt WHERE notice = $1
"""


class Deliverer:
    """Delivers until it is stopped. A notice may be sent again after a crash, with the id that it had."""

    def __init__(
        self, pool: Pool, keys: Keys, settings: AlertingSettings, *, fault: Fault | None = None
    ) -> None:
        self._pool = pool
        self._keys = keys
        self._settings = settings
        self._fault = fault or Fault()
        self._woken = asyncio.Event()
        for channel in ("webhook", "email", "digest"):
            metrics.ALERT_PARKED.labels(channel)  # who looks for more must have seen none

    def wake(self) -> None:
        """Say that there is something to deliver."""
        self._woken.set()

    async def ready(self) -> str | None:
        """Bring the gauge of what is not delivered up to date; whoever is away keeps nobody from working."""
        metrics.ALERT_OLDEST.set(await self._pool.fetchval(_OLDEST) or 0)
        return None

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop``; PostgreSQL is waited for where it is away."""
        patience = Patience(float("inf"), "Delivery")
        async with httpx.AsyncClient(
            timeout=self._settings.timeout_seconds, follow_redirects=False
        ) as client:
            while not stop.is_set():
                self._woken.clear()
                try:
                    delivered = await self.step(client)
                    following = None if delivered else await self._pool.fetchval(_NEXT)
                except Exception as error:
                    await patience.wait(error, stop)
                    continue
                patience.reset()
                if not delivered:
                    await self._sleep(stop, following)

    async def step(self, client: httpx.AsyncClient) -> int:
        """Make an attempt for the first notice of each subscription that has one due; return how many."""
        rows = await self._pool.fetch(_DUE, datetime.now(UTC), _AT_ONCE)
        await asyncio.gather(*(self._attempt(client, row) for row in rows))
        return len(rows)

    async def _attempt(self, client: httpx.AsyncClient, row: Mapping[str, Any]) -> None:
        lease = timedelta(seconds=self._settings.timeout_seconds + _LEASE_SECONDS)
        began = datetime.now(UTC)
        tries = await self._pool.fetchval(_CLAIM, row["place"], row["due_at"], began + lease)
        if tries is None:
            return  # another worker has it
        self._fault.here("alerting.claimed")
        started = time.monotonic()
        with tracing.span(
            f"deliver {row['channel']}",
            "client",
            of=(row["trace"],),
            attributes={"dibao.channel": row["channel"], "dibao.try": tries},
        ) as delivering:
            try:
                async with asyncio.timeout(self._settings.timeout_seconds):
                    attempt = await self._sent(client, row)
            except TimeoutError:
                attempt = Attempt(Outcome.AWAY, None, "TimeoutError")
            delivering.note({"dibao.outcome": attempt.outcome})
            if attempt.status is not None:
                delivering.note({"http.response.status_code": attempt.status})
            if attempt.outcome is not Outcome.DELIVERED:
                delivering.fail(attempt.error or attempt.outcome)
        self._fault.here("alerting.sent")
        await self._record(row, attempt, tries, began, time.monotonic() - started)

    async def _sent(self, client: httpx.AsyncClient, row: Mapping[str, Any]) -> Attempt:
        try:
            target = target_of(self._keys, row)
        except SealBrokenError:
            return Attempt(Outcome.AWAY, None, "SealBrokenError")
        if row["channel"] == "webhook":
            body = body_of(row["notice"], row["content"], row["made_at"])
            headers = headers_of(target.key, row["notice"], datetime.now(UTC), body, tracing.current())
            return await post(client, target.address, body, headers)
        settings = self._settings
        if not settings.smtp_host or not settings.smtp_sender:
            return Attempt(Outcome.AWAY, None, "NoMailServer")
        message = message_of(
            row["notice"], row["content"], row["made_at"], settings.smtp_sender, target.address
        )
        return await send(settings, message)

    async def _record(
        self, row: Mapping[str, Any], attempt: Attempt, tries: int, began: datetime, seconds: float
    ) -> None:
        now = datetime.now(UTC)
        metrics.ALERT_ATTEMPTS.labels(row["channel"], attempt.outcome).inc()
        wait = None
        if attempt.outcome is not Outcome.DELIVERED:
            wait = next_wait(self._settings.patience, attempt, tries, random.random())  # noqa: S311
        async with self._pool.acquire(timeout=10) as connection, connection.transaction():
            # Whoever stood still, and whoever told it meanwhile, take turns: attempts are numbered.
            await connection.execute(_TURN, row["place"])
            await connection.execute(
                _RECORD, row["place"], began, seconds, attempt.outcome, attempt.status, attempt.error
            )
            if attempt.outcome is Outcome.DELIVERED:
                await connection.execute(
                    "UPDATE alerting.notice SET state = 'delivered', delivered_at = $2"
                    " WHERE place = $1 AND state = 'due'",
                    row["place"],
                    now,
                )
            elif wait is None:
                await connection.execute(
                    "UPDATE alerting.notice SET state = 'parked' WHERE place = $1 AND state = 'due'",
                    row["place"],
                )
                metrics.ALERT_PARKED.labels(row["channel"]).inc()
                _LOG.warning("notice %d of subscription %d is parked", row["place"], row["number"])
            else:
                await connection.execute(
                    "UPDATE alerting.notice SET due_at = $2 WHERE place = $1 AND state = 'due'",
                    row["place"],
                    now + wait,
                )
            # Who is away is away for all that follows, which so stays in order and costs no attempts.
            away = attempt.outcome is Outcome.AWAY and wait is not None
            await connection.execute(
                "UPDATE alerting.subscription SET resting_until = $2"
                " WHERE number = $1 AND resting_until IS DISTINCT FROM $2",
                row["number"],
                now + wait if away and wait is not None else None,
            )

    async def _sleep(self, stop: asyncio.Event, following: datetime | None) -> None:
        seconds = _IDLE_SECONDS
        if following is not None:
            seconds = min(seconds, max(0.0, (following - datetime.now(UTC)).total_seconds()) + 0.01)
        await pause(seconds, stop, self._woken)
