"""Which records of the log dibao's own processes wrote: every reader passes over the others alike.

A record with a wrong MAC is never taken. One without any is taken where it is older than signing: below the
offset that is noted of its partition. A record that is refused stays on the log, and is put on record once.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import asyncpg

from events.catalogue import BY_TYPE
from services.platform.authorship import HEADER, LogKeys, Verdict
from services.platform.database import Asked, Connection, connected
from services.platform.lineage import LogWatch
from services.platform.offsets import Place
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_SAID_AT_MOST = 10
"""Lines of the log for a batch: who may write to a topic may write a million records."""

_SIGNED = "SELECT topic, topic_id, partition, from_offset FROM platform.signed WHERE topic = ANY($1::text[])"
_KEEP = """
INSERT INTO platform.forged (topic, partition, "offset", written_at, type, error)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[])
ON CONFLICT DO NOTHING
RETURNING topic, partition, "offset"
"""
_ALL = """
SELECT f.topic, f.partition, f."offset", f.written_at, f.type, f.error, f.found_at,
  d.reason, d.by AS dealt_with_by, d.at AS dealt_with_at
FROM platform.forged AS f
LEFT JOIN platform.dealt_with AS d USING (topic, partition, "offset", written_at)
ORDER BY f.found_at, f.topic, f.partition, f."offset"
"""
_OPEN = """
SELECT count(*) FROM platform.forged AS f
LEFT JOIN platform.dealt_with AS d USING (topic, partition, "offset", written_at)
WHERE d.at IS NULL
"""
_DEAL_WITH = """
INSERT INTO platform.dealt_with (topic, partition, "offset", written_at, reason, by)
SELECT topic, partition, "offset", written_at, $4, $5 FROM platform.forged
WHERE topic = $1 AND partition = coalesce($2, partition) AND "offset" = coalesce($3, "offset")
ON CONFLICT DO NOTHING
"""

Connect = Callable[[], AbstractAsyncContextManager[Connection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """A record that was refused: its place, when Kafka took it, its type where it names a known one, and
    whether its MAC is ``missing`` or ``wrong``.
    """

    topic: str
    partition: int
    offset: int
    written_at: datetime
    type: str | None
    error: Literal["missing", "wrong"]

    @classmethod
    def of(cls, raw: Any) -> "Forgery":
        """Return what is said of a record: nothing that its writer could have put there."""
        named = next((value for name, value in raw.headers if name == "ce_type"), None) or b""
        written = named.decode(errors="replace")
        return cls(
            topic=raw.topic,
            partition=raw.partition,
            offset=raw.offset,
            written_at=datetime.fromtimestamp(raw.timestamp / 1000, UTC),
            type=written if written in BY_TYPE else None,
            error="wrong" if any(name == HEADER for name, _ in raw.headers) else "missing",
        )


class Provenance:
    """Tells the records of dibao's own processes from others.

    ``connect`` gives a connection to PostgreSQL, which is asked at unsigned records alone; by default a new
    one each time. Raises KeyFileError without a log key.
    """

    def __init__(
        self, settings: Settings, *, connect: Connect | None = None, watch: LogWatch | None = None
    ) -> None:
        self._keys = LogKeys.from_settings(settings)
        self._connect = connect or partial(connected, settings.database_url)
        self._watch = watch or LogWatch(settings)
        self._signed: dict[Place, int] = {}

    async def look_up(self, batches: Mapping[Place, Sequence[Any]]) -> None:
        """Learn from where on partitions are signed; call it before ``genuine``.

        Asks Kafka and PostgreSQL only where a batch has unsigned records and nothing is known. Raises what
        their clients raise.
        """
        unknown = {
            place
            for place, raws in batches.items()
            if place not in self._signed
            and any(not raw.headers or raw.headers[-1][0] != HEADER for raw in raws)
        }
        if unknown:
            topics = {topic for topic, _ in unknown}
            lineages = await self._watch.lineages(topics)
            ids = {name: lineage.topic_id for name, lineage in lineages.items()}
            async with self._connect() as connection:
                self._signed |= await signed_from(connection, ids)

    def genuine(self, raw: Any) -> bool:
        """Return whether a record is taken. Raises UnknownLogKeyError, at which a reader stops."""
        verdict = self._keys.verdict(raw)
        if verdict is Verdict.MISSING:
            return bool(raw.offset < self._signed.get((raw.topic, raw.partition), math.inf))
        return verdict is Verdict.GENUINE

    async def report(self, raws: Sequence[Any]) -> None:
        """Put records that were refused on record, and say so."""
        if not raws:
            return
        try:
            async with self._connect() as connection:
                found = await keep(connection, raws)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            found = [Forgery.of(raw) for raw in raws]  # said twice rather than never
        say(found)

    async def aclose(self) -> None:
        """Close the connection to Kafka."""
        await self._watch.close()


async def signed_from(connection: Connection, ids: Mapping[str, Any]) -> dict[Place, int]:
    """Return the offsets from which on partitions of topics, by Kafka's ids for them, must be signed."""
    try:
        rows = await connection.fetch(_SIGNED, list(ids))
    except asyncpg.UndefinedTableError:
        return {}  # a database that no pipeline has begun in
    return {
        (row["topic"], row["partition"]): row["from_offset"]
        for row in rows
        if row["topic_id"] == ids[row["topic"]]
    }


async def keep(connection: Connection, raws: Sequence[Any]) -> list[Forgery]:
    """Put refused records on record; return those that nobody has reported before."""
    found = {(one.topic, one.partition, one.offset): one for one in map(Forgery.of, raws)}
    each = [found[place] for place in sorted(found)]  # in one order, so that no two wait for one another
    rows = await connection.fetch(
        _KEEP,
        [one.topic for one in each],
        [one.partition for one in each],
        [one.offset for one in each],
        [one.written_at for one in each],
        [one.type for one in each],
        [one.error for one in each],
    )
    return [found[tuple(row)] for row in rows]


def say(found: Sequence[Forgery]) -> None:
    """Log what was refused: where it stands, and nothing of its data."""
    for one in found[:_SAID_AT_MOST]:
        _LOG.error(
            "The record at offset %d of %s, partition %d, is refused: its MAC is %s, so none of dibao's "
            "processes wrote it. Its type: %s",
            one.offset,
            one.topic,
            one.partition,
            one.error,
            one.type or "none that is known",
        )
    if len(found) > _SAID_AT_MOST:
        _LOG.error("%d more records were refused with these", len(found) - _SAID_AT_MOST)


async def forged_count(connection: Connection) -> int:
    """Return how many records were refused of which nobody has said yet what was done about them."""
    return int(await connection.fetchval(_OPEN))


async def forgeries(connection: Connection) -> list[dict[str, Any]]:
    """Return every record that was refused, in the order in which they were found, and what was done."""
    return [dict(row) for row in await connection.fetch(_ALL)]


async def deal_with(
    connection: Asked, topic: str, partition: int | None, offset: int | None, *, reason: str, by: str
) -> int:
    """Say what was done about refused records: one, or all so far of a partition or of a topic.

    Return how many that were; what was said of one before stays as it is.
    """
    answer = await connection.execute(_DEAL_WITH, topic, partition, offset, reason, by)
    return int(answer.rpartition(" ")[2])
