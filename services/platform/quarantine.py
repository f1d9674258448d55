"""Records on the log that nobody can read, which two people have agreed to pass over.

Somebody wrote them past intake, so they are no facts. They stay on the log, whole; every reader of the log
passes them over alike, or stops at them.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from aiokafka import ConsumerRecord

from events.codec import UnreadableEventError, decode
from services.platform.authorship import LogKeys, UnknownLogKeyError, Verdict
from services.platform.database import Asked, Connection

_CONFIRMED = """
SELECT sha256 FROM platform.quarantine
WHERE topic = $1 AND partition = $2 AND "offset" = $3 AND confirmed_by IS NOT NULL
"""
_PROPOSE = """
INSERT INTO platform.quarantine (topic, partition, "offset", sha256, error, reason, proposed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
"""
_CONFIRM = """
UPDATE platform.quarantine SET confirmed_by = $4, confirmed_at = now()
WHERE topic = $1 AND partition = $2 AND "offset" = $3 AND confirmed_by IS NULL AND proposed_by <> $4
"""
_ALL = """
SELECT topic, partition, "offset", sha256, error, reason, proposed_by, proposed_at, confirmed_by, confirmed_at
FROM platform.quarantine ORDER BY proposed_at
"""


class QuarantineError(Exception):
    """The record cannot be put into quarantine; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A record that is passed over, once ``confirmed_by`` a second person; ``sha256`` is of its value."""

    topic: str
    partition: int
    offset: int
    sha256: str
    error: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None


def why_unreadable(record: ConsumerRecord, keys: LogKeys) -> str | None:
    """Return why a reader stops at a record of the log, or ``None`` where none does."""
    try:
        if keys.verdict(record) is Verdict.WRONG:
            return None
    except UnknownLogKeyError:
        return "it is signed with a log key that this deployment does not have"
    try:
        decode(record.value if record.value is not None else b"", record.headers)
    except UnreadableEventError as error:
        return str(error)
    return None


async def confirmed(connection: Connection, record: ConsumerRecord) -> bool:
    """Return whether two people have agreed to pass over this very record."""
    digest = await connection.fetchval(_CONFIRMED, record.topic, record.partition, record.offset)
    return bool(digest == _digest(record))


async def propose(connection: Asked, record: ConsumerRecord, keys: LogKeys, *, reason: str, by: str) -> None:
    """Propose to pass a record over. Raises QuarantineError where no reader stops at it."""
    error = why_unreadable(record, keys)
    if error is None:
        raise QuarantineError(
            "no process stops at the record: undo its fact with a void, unless none of dibao's processes "
            "wrote it: then all pass it over"
        )
    place = record.topic, record.partition, record.offset
    await connection.execute(_PROPOSE, *place, _digest(record), error, reason, by)


async def confirm(connection: Asked, topic: str, partition: int, offset: int, *, by: str) -> None:
    """Agree as a second person. Raises QuarantineError where nobody else has proposed it."""
    answer = await connection.execute(_CONFIRM, topic, partition, offset, by)
    if answer.endswith(" 0"):
        raise QuarantineError(
            f"nobody but {by} has proposed it, or it is confirmed already: two different people are needed"
        )


async def quarantined(connection: Connection) -> list[Quarantined]:
    """Return what is proposed and confirmed, oldest first."""
    return [Quarantined(**dict(row)) for row in await connection.fetch(_ALL)]


def _digest(record: ConsumerRecord) -> str:
    return sha256(record.value or b"").hexdigest()
