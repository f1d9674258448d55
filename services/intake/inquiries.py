"""What became of one fact, for its source to ask: accepted, set aside, or rejected, and then why.

Whoever hands over on an intake topic has no answer; the fact's source and id are what it knows of it. And
what an answer once said may have changed: by a void, or another content.
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
from services.intake.answers import Fault, Rejection
from services.intake.sentences import say
from services.intake.versions import histories_of

_LOG = logging.getLogger(__name__)

KEPT_WEEKS = 8
"""How long it is known of a record that it was rejected."""

_NOTE = """
INSERT INTO intake.refused_record (event_id, topic, partition, "offset", letter, receipt, errors)
SELECT DISTINCT ON (event_id) event_id, topic, partition, "offset", letter, receipt, errors
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::uuid[], $7::jsonb[])
  WITH ORDINALITY AS w (event_id, topic, partition, "offset", letter, receipt, errors, number)
ORDER BY event_id, number DESC
ON CONFLICT (event_id) DO UPDATE SET at = now(), topic = excluded.topic, partition = excluded.partition,
  "offset" = excluded."offset", letter = excluded.letter, receipt = excluded.receipt,
  errors = excluded.errors
"""
_FORGET = f"DELETE FROM intake.refused_record WHERE at < now() - interval '{KEPT_WEEKS} weeks'"
_ASK = """
SELECT at, topic, partition, "offset", letter, receipt, errors FROM intake.refused_record WHERE event_id = $1
"""


class _Origin(msgspec.Struct):
    source: str
    id: str


_ORIGIN = msgspec.json.Decoder(_Origin)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement of a fact that was rejected, and why.

    A record of an intake topic has its place there, and the number of its dead letter; what came over HTTP
    has its batch's receipt, if it came in a batch.
    """

    event_id: UUID
    rejection: Rejection
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    letter: int | None = None
    receipt: UUID | None = None


def origin_of(raw: bytes) -> tuple[str, str] | None:
    """Return the source and the id that a rejected event names, if they can be read."""
    try:
        origin = _ORIGIN.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return origin.source, origin.id


async def note_refusals(pool: asyncpg.Pool, refusals: Sequence[Refusal]) -> None:
    """Note what was rejected, as far as the database can be told: answers and dead letters count."""
    try:
        await pool.execute(
            _NOTE,
            [refusal.event_id for refusal in refusals],
            [refusal.topic for refusal in refusals],
            [refusal.partition for refusal in refusals],
            [refusal.offset for refusal in refusals],
            [refusal.letter for refusal in refusals],
            [refusal.receipt for refusal in refusals],
            [
                orjson.dumps([fault.as_json() for fault in refusal.rejection.faults]).decode()
                for refusal in refusals
            ],
        )
    except Exception as error:  # whatever it is, the sender is told: the batch must not come again
        _LOG.warning("%d rejections could not be noted: %s", len(refusals), type(error).__name__)


async def forget_refusals(connection: asyncpg.Connection) -> None:
    """Forget the records of which it is not told any more that they were rejected."""
    await connection.execute(_FORGET)


async def ask_after(pool: asyncpg.Pool, topic: int, source: str, serial: str) -> dict[str, Any] | None:
    """Return what became of a fact of a topic, as JSON values, or ``None`` where nothing is known of it."""
    event_id = event_id_of(source, serial)
    refused = await pool.fetchrow(_ASK, event_id)
    history = (await histories_of(pool, [event_id], topic)).get(event_id)
    if history is None and refused is None:
        return None
    found: dict[str, Any] = {"source": source, "id": serial, "event_id": str(event_id), "status": "rejected"}
    if history is not None:
        standing = sorted(history.standing)
        found["status"] = "accepted" if len(standing) == 1 else "set_aside"
        if not standing:
            found["reason"] = Fault("id", say("voided")).as_json()
        elif len(standing) > 1:
            found["reason"] = Fault("id", say("versions-differ", count=len(standing))).as_json()
            found["digests"] = standing
        if voided := sorted(history.places.keys() - set(standing)):
            found["voided"] = voided
    if refused is not None:
        # Also beside a fact that counts: it may have come again, with something wrong.
        rejection = {"at": refused["at"].isoformat(), "errors": orjson.loads(refused["errors"])}
        if refused["topic"] is not None:
            rejection["record"] = {name: refused[name] for name in ("topic", "partition", "offset")}
            rejection["dead_letter"] = refused["letter"]
        if refused["receipt"] is not None:
            rejection["receipt"] = str(refused["receipt"])
        found["rejection"] = rejection
    return found
