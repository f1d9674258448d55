"""Notices as they are kept: which were told, with every attempt; some told again, and tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from services.alerting.notice import test_of
from services.platform.database import Asked

_LISTED = """
SELECT n.place, n.id, n.kind, n.state, n.tries, n.made_at, n.delivered_at,
  CASE WHEN n.state = 'due' THEN n.due_at END AS due_at, n.content ->> 'title' AS title,
  (n.content ->> 'announcements')::bigint AS announcements, a.status, a.error
FROM alerting.notice AS n
LEFT JOIN LATERAL (
  SELECT status, error FROM alerting.attempt WHERE notice = n.place ORDER BY number DESC LIMIT 1
) AS a ON true
WHERE n.subscription = $1 AND ($2::text IS NULL OR n.state = $2) ORDER BY n.place DESC LIMIT $3
"""
_REPLAY = """
UPDATE alerting.notice SET state = 'due', tries = 0, due_at = now()
WHERE subscription = $1 AND state <> 'due'
  AND (place = ANY ($2) OR (state = 'parked' AND $3) OR made_at >= $4)
"""
# Only what rests with its receiver: what an attempt is being made for has another time, and goes once.
_AT_ONCE = """
UPDATE alerting.notice AS n SET due_at = now() FROM alerting.subscription AS s
WHERE s.number = $1 AND n.subscription = s.number AND n.state = 'due' AND n.tries > 0
  AND n.due_at = s.resting_until
"""


async def listed(connection: Asked, subscription: int, state: str | None, limit: int) -> list[dict[str, Any]]:
    """Return the notices of a subscription, the newest first, with what their last attempt ended in."""
    return [dict(row) for row in await connection.fetch(_LISTED, subscription, state, limit)]


async def attempts(connection: Asked, place: int) -> list[dict[str, Any]]:
    """Return every attempt to deliver a notice."""
    rows = await connection.fetch(
        "SELECT number, at, seconds, outcome, status, error FROM alerting.attempt WHERE notice = $1"
        " ORDER BY number",
        place,
    )
    return [dict(row) for row in rows]


class Replayed(NamedTuple):
    """How many notices are told again, and how many that a receiver was away for are tried at once."""

    again: int
    at_once: int


async def replay(
    connection: Asked, subscription: int, *, places: Sequence[int], parked: bool, since: datetime | None
) -> Replayed:
    """Let notices be told again, with the ids that they have, and what waits for its receiver at once.

    Told again are ``places`` themselves, all that are ``parked``, and what was made ``since``.
    """
    # First what waits: what is behind it would else be told before it.
    at_once = await connection.execute(_AT_ONCE, subscription)
    again = await connection.execute(_REPLAY, subscription, list(places), parked, since)
    await connection.execute(
        "UPDATE alerting.subscription SET resting_until = NULL WHERE number = $1", subscription
    )
    return Replayed(_rows(again), _rows(at_once))


def _rows(answer: str) -> int:
    return int(answer.rpartition(" ")[2])


async def ask_for_test(connection: Asked, subscription: int, name: str) -> int:
    """Let alerting send a test message; return the place of its notice."""
    return int(
        await connection.fetchval(
            "INSERT INTO alerting.notice (id, subscription, kind, content, state)"
            " VALUES ($1, $2, 'test', $3, 'due') RETURNING place",
            uuid4(),
            subscription,
            test_of(name),
        )
    )
