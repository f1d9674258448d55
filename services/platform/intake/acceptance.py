"""Accepting facts: said to be accepted is what Kafka has acknowledged, and nothing else."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from events.catalogue import log_topic
from services.platform.failure import is_infrastructure
from services.platform.intake.answers import Answer, Rejection, Status, Unavailable, fault
from services.platform.intake.publisher import Publisher
from services.platform.protection import Message, Prepared, Protector, ReadableFact, Refusal
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)

_SEEN = "SELECT event_id, digest FROM intake.seen WHERE event_id = ANY($1::uuid[])"
# Best effort in any case: its commit need not wait for the disk.
_REMEMBER = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO intake.seen (event_id, digest)
SELECT w.event_id, w.digest FROM quick, unnest($1::uuid[], $2::bytea[]) AS w (event_id, digest)
ON CONFLICT DO NOTHING
"""
_CONFLICT = """
INSERT INTO intake.conflict AS known (event_id, type, source, serial, digests) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (event_id) DO UPDATE SET digests = (
  SELECT array_agg(DISTINCT digest ORDER BY digest)
  FROM unnest(known.digests || excluded.digests) AS d (digest))
"""


Versions = dict[int, tuple[str, ...]]
"""Digests by event, which is the number of its id: a UUID takes ten times as long to look up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers so far, item by item; ``None`` where Kafka did not acknowledge (``complete`` is false)."""

    answers: list[Answer | None]
    complete: bool


class Acceptor:
    """Takes facts of one context and answers item by item.

    ``intake.seen`` remembers what Kafka acknowledged, so that a repeat can be called a repeat. It is written
    after the acknowledgement and best effort: consumers drop repeats themselves, by event id and digest.
    """

    def __init__(
        self, settings: Settings, context: str, pool: asyncpg.Pool, protector: Protector, publisher: Publisher
    ) -> None:
        self._topic = log_topic(settings.topic_prefix, context)
        self._timeout = settings.ack_timeout_seconds
        self._pool = pool
        self._protector = protector
        self._publisher = publisher
        self._under_way = _UnderWay()

    async def accept(self, items: Sequence[ReadableFact | Rejection]) -> Outcome:
        """Check, protect and publish a batch. Raises Unavailable where nothing at all was done.

        Batches may be under way at the same time: a fact that two of them hold is decided in the order of
        the calls, so the second one is told of a repeat, or of other content.
        """
        answers: list[Answer | None] = [None] * len(items)
        prepared: list[tuple[int, Prepared]] = []
        for index, item in enumerate(items):
            if isinstance(item, Rejection):
                answers[index] = Answer("rejected", item.serial, error=item)
                continue
            try:
                ready = self._protector.prepare(item)
            except Exception as error:
                answers[index] = Answer("rejected", item.serial, error=fault(error, item.serial))
                continue
            prepared.append((index, ready))
        if not prepared:
            return Outcome(answers, True)
        with self._under_way.enter({ready.fact.event_id.int for _, ready in prepared}) as earlier:
            if earlier:
                await asyncio.wait(earlier)
            await self._decide(prepared, answers)
        return Outcome(answers, None not in answers)

    async def _decide(self, prepared: list[tuple[int, Prepared]], answers: list[Answer | None]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                seen = await self._seen([ready.fact.event_id for _, ready in prepared])
                new = _new(prepared, seen)
                protected = await self._protector.protect([ready for _, ready in new])
        except Exception as error:
            if not is_infrastructure(error):
                raise
            raise Unavailable("PostgreSQL does not answer") from error

        messages: list[tuple[int, Prepared, Message]] = []
        refused: dict[tuple[int, str], Refusal] = {}
        for (index, ready), message in zip(new, protected, strict=True):
            if isinstance(message, Refusal):
                refused[ready.fact.event_id.int, ready.digest] = message
            else:
                messages.append((index, ready, message))
        acknowledged: list[bool] = []
        if messages:
            acknowledged = await self._publisher.publish(self._topic, [message for *_, message in messages])
        published = [item for item, done in zip(messages, acknowledged, strict=True) if done]
        known = dict(seen)
        for *_, message in published:
            key = message.event_id.int
            known[key] = (*known.get(key, ()), message.digest)
        await self._remember([(ready, message) for _, ready, message in published], known)

        fresh = {index for index, *_ in published}
        for index, ready in prepared:
            fact = ready.fact
            versions = known.get(fact.event_id.int, ())
            if refused and (refusal := refused.get((fact.event_id.int, ready.digest))) is not None:
                answers[index] = _refused(fact, refusal)
            elif ready.digest in versions:
                status: Status = "accepted" if index in fresh else "repeated"
                several = len(versions) > 1
                answers[index] = Answer(
                    "set_aside" if several else status,
                    fact.serial,
                    fact.event_id,
                    tuple(sorted(versions)) if several else (),
                    amount_fen=ready.data.get("amount_fen", 0),
                )

    async def _seen(self, event_ids: list[UUID]) -> Versions:
        found: Versions = {}
        for event_id, digest in await self._pool.fetch(_SEEN, event_ids):
            found[event_id.int] = (*found.get(event_id.int, ()), digest.hex())
        return found

    async def _remember(self, published: list[tuple[Prepared, Message]], known: Versions) -> None:
        conflicts = {
            message.event_id: ready.fact
            for ready, message in published
            if len(known[message.event_id.int]) > 1
        }
        for event_id in conflicts:
            _LOG.warning(
                "integrity alert: event %s came with %d contents, none counts until one is voided",
                event_id,
                len(known[event_id.int]),
            )
        if not published:
            return
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._pool.acquire() as connection,
                # Both or neither, so that none is called a repeat whose alert is lost.
                connection.transaction() if conflicts else nullcontext(),
            ):
                await connection.execute(
                    _REMEMBER,
                    [message.event_id for _, message in published],
                    [bytes.fromhex(message.digest) for _, message in published],
                )
                for event_id, fact in conflicts.items():
                    await connection.execute(
                        _CONFLICT,
                        event_id,
                        fact.entry.name,
                        fact.source,
                        fact.serial,
                        sorted(known[event_id.int]),
                    )
        except Exception as error:
            if not is_infrastructure(error):
                raise
            _LOG.warning("%d facts are on the log, but intake could not remember them", len(published))


class _UnderWay:
    """Which events the batches hold that are not decided yet."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[asyncio.Future[None], ...]] = {}

    @contextmanager
    def enter(self, event_ids: set[int]) -> Iterator[set[asyncio.Future[None]]]:
        """Hold events until the end, and give what ends with each batch that holds one of them already."""
        held, mine = self._held, asyncio.get_running_loop().create_future()
        alone, earlier = (mine,), set[asyncio.Future[None]]()
        for event_id in event_ids:
            holders = held.get(event_id)
            if holders is None:
                held[event_id] = alone
            else:
                earlier.update(holders)
                held[event_id] = holders + alone
        try:
            yield earlier
        finally:
            mine.set_result(None)
            for event_id in event_ids:
                if held[event_id] is alone:
                    del held[event_id]
                elif others := tuple(holder for holder in held[event_id] if holder is not mine):
                    held[event_id] = others
                else:
                    del held[event_id]


def _new(prepared: list[tuple[int, Prepared]], seen: Versions) -> list[tuple[int, Prepared]]:
    # The versions that Kafka does not have: each once, though a batch may hold it twice.
    taken: set[tuple[int, str]] = set()
    new: list[tuple[int, Prepared]] = []
    for index, ready in prepared:
        version = (ready.fact.event_id.int, ready.digest)
        if ready.digest not in seen.get(version[0], ()) and version not in taken:
            taken.add(version)
            new.append((index, ready))
    return new


def _refused(fact: ReadableFact, refusal: Refusal) -> Answer:
    # An id that is refused may be an ID number: the answer does not say it again.
    serial = fact.serial if refusal.field != "id" else None
    return Answer("rejected", serial, error=Rejection(refusal.field, refusal.expected))
