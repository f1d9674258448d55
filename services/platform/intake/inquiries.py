"""What became of one fact, for its source to ask: accepted, set aside, or rejected, and then why.

Whoever hands over on an intake topic has no answer; the fact's source and id are what it knows of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import orjson

from events.envelope import event_id_of
from services.platform.intake.answers import Rejection

_LOG = logging.getLogger(__name__)

KEPT_WEEKS = 8
"""How long it is known of a record that it was rejected."""

_NOTE = """
INSERT INTO intake.refused_record (event_id, topic, partition, "offset", letter, errors)
SELECT DISTINCT ON (event_id) event_id, topic, partition, "offset", letter, errors
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::jsonb[])
  WITH ORDINALITY AS w (event_id, topic, partition, "offset", letter, errors, number)
ORDER BY event_id, number DESC
ON CONFLICT (event_id) DO UPDATE SET at = now(), topic = excluded.topic, partition = excluded.partition,
  "offset" = excluded."offset", letter = excluded.letter, errors = excluded.errors
"""
_FORGET = f"DELETE FROM intake.refused_record WHERE at < now() - interval '{KEPT_WEEKS} weeks'"
_ASK = """
SELECT
  array(
    SELECT encode(digest, 'hex') FROM intake.seen
    WHERE event_id = $1 AND (topic = $2 OR topic IS NULL) ORDER BY digest
  ) AS digests,
  r.at, r.topic, r.partition, r."offset", r.letter, r.errors
FROM (VALUES ($1::uuid)) AS asked (event_id)
LEFT JOIN intake.refused_record AS r USING (event_id)
"""


class _Origin(msgspec.Struct):
    source: str
    id: str


_ORIGIN = msgspec.json.Decoder(_Origin)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was rejected: of which fact, where it stood, and the number of its dead letter."""

    event_id: UUID
    topic: str
    partition: int
    offset: int
    letter: int | None
    rejection: Rejection


def origin_of(raw: bytes) -> tuple[str, str] | None:
    """Return the source and the id that a rejected event names, if they can be read."""
    try:
        origin = _ORIGIN.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return origin.source, origin.id


async def note_refusals(pool: asyncpg.Pool, refusals: Sequence[Refusal]) -> None:
    """Note rejected records, as far as the database can be told: the dead letters are what counts."""
    try:
        await pool.execute(
            _NOTE,
            [refusal.event_id for refusal in refusals],
            [refusal.topic for refusal in refusals],
            [refusal.partition for refusal in refusals],
            [refusal.offset for refusal in refusals],
            [refusal.letter for refusal in refusals],
            [
                orjson.dumps([fault.as_json() for fault in refusal.rejection.faults]).decode()
                for refusal in refusals
            ],
        )
    except Exception as error:  # whatever it is, the letters are written: the batch must not come again
        _LOG.warning("%d rejected records could not be noted: %s", len(refusals), type(error).__name__)


async def forget_refusals(connection: asyncpg.Connection) -> None:
    """Forget the records of which it is not told any more that they were rejected."""
    await connection.execute(_FORGET)


async def ask_after(pool: asyncpg.Pool, topic: int, source: str, serial: str) -> dict[str, Any] | None:
    """Return what became of a fact of a topic, as JSON values, or ``None`` where nothing is known of it."""
    event_id = event_id_of(source, serial)
    row = await pool.fetchrow(_ASK, event_id, topic)
    digests: list[str] = row["digests"]
    if not digests and row["at"] is None:
        return None
    status = "rejected" if not digests else "accepted" if len(digests) == 1 else "set_aside"
    found: dict[str, Any] = {"source": source, "id": serial, "event_id": str(event_id), "status": status}
    if len(digests) > 1:
        found["digests"] = digests
    if row["at"] is not None:
        # Also beside a fact that counts: it may have come again, with something wrong.
        found["rejection"] = {
            "at": row["at"].isoformat(),
            "record": {"topic": row["topic"], "partition": row["partition"], "offset": row["offset"]},
            "dead_letter": row["letter"],
            "errors": orjson.loads(row["errors"]),
        }
    return found
