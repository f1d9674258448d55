"""Accepting facts: said to be accepted is what Kafka has acknowledged, and nothing else."""

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from events.catalogue import log_topic
from events.envelope import event_id_of
from events.values import local_date
from events.voids import Void
from services.intake.answers import (
    Answer,
    Aside,
    Conflict,
    Fault,
    NewerVersion,
    Rejection,
    Status,
    Unavailable,
    Undone,
    Version,
    fault_of_ours,
)
from services.intake.differences import differing
from services.intake.newer import newer_knows
from services.intake.numbers import number_of, stating
from services.intake.parameters import Parameters
from services.intake.publisher import Acknowledged, Place, Publisher, TooLarge
from services.intake.recall import Known, Recall
from services.intake.sentences import say
from services.intake.standing import Standing
from services.intake.versions import ALL, History, histories_of, remembered, standing
from services.intake.warnings import warnings_of
from services.intake.whereabouts import Whereabouts
from services.platform import metrics, tracing
from services.platform.authorship import LogKeys
from services.platform.failure import is_infrastructure
from services.platform.limits import FACTS_AT_ONCE
from services.platform.lineage import LogWatch
from services.platform.protection import Message, Prepared, Protector, ReadableFact, Refusal
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_LATER = 1 << 62

# Best effort in any case: its commit need not wait for the disk.
_REMEMBER = """
WITH quick AS MATERIALIZED (
  SELECT set_config('synchronous_commit', 'off', true)
), remembered AS (
  INSERT INTO intake.seen AS s (topic, event_id, digest, partition, "offset", number)
  SELECT $6, w.*
  FROM quick, unnest($1::uuid[], $2::bytea[], $3::int[], $4::bigint[], $5::uuid[]) AS w
  ON CONFLICT (event_id, digest) DO UPDATE
    SET topic = excluded.topic, partition = excluded.partition, "offset" = excluded."offset",
      number = excluded.number
)
INSERT INTO intake.last AS l (topic, partition, "offset", event_id)
SELECT $6, w.* FROM unnest($7::int[], $8::bigint[], $9::uuid[]) AS w
ON CONFLICT (topic, partition) DO UPDATE SET "offset" = excluded."offset", event_id = excluded.event_id
  WHERE l."offset" < excluded."offset"
"""
_VOIDED = """
INSERT INTO intake.voided (event_id, digest, void_id)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::uuid[])
ON CONFLICT DO NOTHING
"""
_CONFLICT = """
INSERT INTO intake.conflict AS known (event_id, type, source, serial, digests) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (event_id) DO UPDATE SET digests = (
  SELECT array_agg(DISTINCT digest ORDER BY digest)
  FROM unnest(known.digests || excluded.digests) AS d (digest))
"""


Versions = dict[int, dict[str, Place | None]]
"""Where the contents of an event stand by their digests, by the number of its id: a UUID takes ten times as
long to look up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answers so far, item by item; ``None`` where Kafka did not acknowledge (``complete`` is false)."""

    answers: list[Answer | None]
    complete: bool


class Candidate(NamedTuple):
    """A fact that a void may mean: its id, its versions, and those of them that no void undoes."""

    serial: str
    versions: tuple[str, ...]
    standing: tuple[str, ...]

    @property
    def undone(self) -> bool:
        """Whether nothing of it is left to undo."""
        return not self.standing


class _Other(NamedTuple):
    """Another fact with the same number, or another content of the same fact, and what is known of it."""

    serial: str
    receipt: str
    day: str


class _Ruling(NamedTuple):
    """What is to be said of an item beside that Kafka has it.

    ``standing``: the versions of its fact that no void undoes; ``undone``: whether its own is not among them.
    """

    standing: tuple[str, ...]
    undone: bool
    doubts: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Batch:
    """What is found out about the facts of a batch."""

    seen: Versions
    voids: dict[int, set[str]]
    """Which versions of events voids undo, those that came before the batch."""
    numbers: dict[int, UUID]
    """The numbers that facts state, by their places in the batch."""
    others: dict[UUID, list[tuple[UUID, Place | None]]] = field(default_factory=dict)
    """Which facts stated a number before."""


class Acceptor:
    """Takes facts of one context and answers item by item.

    ``intake.seen`` remembers what Kafka acknowledged, so that a repeat can be called a repeat, and a number
    that was stated before is known. It is written after the acknowledgement and best effort: consumers drop
    repeats themselves, by event id and digest. What Kafka has lost since is not repeated (``Standing``).
    """

    def __init__(
        self,
        settings: Settings,
        context: str,
        pool: asyncpg.Pool,
        protector: Protector,
        publisher: Publisher,
        log_keys: LogKeys,
        recall: Recall,
        watch: LogWatch,
    ) -> None:
        self._context = context
        self._topic = log_topic(settings.topic_prefix, context)
        self._standing = Standing(self._topic, pool, watch, recall)
        self._timeout = settings.ack_timeout_seconds
        self._pool = pool
        self._protector = protector
        self._publisher = publisher
        self._log_keys = log_keys
        self._recall = recall
        self._whereabouts = Whereabouts(settings, context, self._topic, pool)
        self._parameters = Parameters(pool)
        self._under_way = _UnderWay()
        self._preparing = asyncio.Lock()

    async def begin(self) -> None:
        """Get ready, before the first fact is accepted."""
        await self._whereabouts.begin()

    async def accept(
        self,
        items: Sequence[ReadableFact | Rejection],
        *,
        trial: bool = False,
        heard: bool = True,
        traces: Sequence[str | None] | None = None,
    ) -> Outcome:
        """Check, protect and publish a batch. Raises Unavailable where nothing at all was done.

        That is so as well where one of them is of a type that a newer version, which runs, takes in.

        Batches may be under way at the same time: a fact that two of them hold is decided in the order of
        the calls, so the second one is told of a repeat, or of other content. Of a ``trial`` it is said what
        would become of it; nothing is published, and nothing kept. Where nobody hears what looks wrong in
        facts that are accepted (``heard``), it is not looked for. ``traces``: the contexts of those that were
        followed before they came; the others go on with the one of the work around.
        """
        await self._leave_to_newer(items)
        answers: list[Answer | None] = [None] * len(items)
        prepared: list[tuple[int, Prepared]] = []
        # In the order of the calls, also where others have their turn meanwhile.
        async with self._preparing:
            for index, item in enumerate(items):
                if index % FACTS_AT_ONCE == FACTS_AT_ONCE - 1:
                    await asyncio.sleep(0)
                if isinstance(item, Rejection):
                    answers[index] = Answer(status="rejected", serial=item.serial, rejection=item)
                    continue
                try:
                    ready = self._protector.prepare(item)
                except Exception as error:
                    rejection = fault_of_ours(error, item.serial)
                    answers[index] = Answer(status="rejected", serial=item.serial, rejection=rejection)
                    continue
                prepared.append((index, ready))
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                refused = await self._whereabouts.outside(prepared)
                refused |= await self._parameters.refused(prepared)
        for index, rejection in refused.items():
            answers[index] = Answer(status="rejected", serial=rejection.serial, rejection=rejection)
        if refused:
            prepared = [(index, ready) for index, ready in prepared if index not in refused]
        if not prepared:
            self._count(answers, trial)
            return Outcome(answers, True)
        with self._under_way.enter(_meant(prepared)) as earlier:
            if earlier:
                await asyncio.wait(earlier)
            await self._decide(prepared, answers, trial=trial, heard=heard, traces=traces)
        self._count(answers, trial)
        return Outcome(answers, None not in answers)

    async def _leave_to_newer(self, items: Sequence[ReadableFact | Rejection]) -> None:
        """Raise NewerVersion where a type that is not known here is known to a newer version that runs."""
        unknown = {item.unknown for item in items if isinstance(item, Rejection) and item.unknown is not None}
        if not unknown:
            return
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                newer = await newer_knows(self._pool, unknown)
        if newer:
            raise NewerVersion

    def _count(self, answers: Sequence[Answer | None], trial: bool) -> None:
        if not trial:
            for status, count in Counter("none" if one is None else one.status for one in answers).items():
                metrics.FACTS.labels(self._context, status).inc(count)

    async def candidates(
        self, source: str, sought: Sequence[tuple[str | None, UUID | None]]
    ) -> list[list[Candidate]]:
        """Return the facts of a source that have an id, or else those that have a number.

        Raises Unavailable.
        """
        numbers = {number for _, number in sought if number is not None}
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                topic = await self._standing.number()
                stated = await stating(self._pool, list(numbers), topic) if numbers else []
                ids = {event_id_of(source, serial) for serial, _ in sought if serial is not None}
                ids |= {each.event_id for each in stated}
                histories = await histories_of(self._pool, ids, topic)
        by_number: dict[UUID, dict[UUID, Place]] = {}
        for each in stated:
            if each.place is not None:
                by_number.setdefault(each.number, {})[each.event_id] = each.place
        places = {place for facts in by_number.values() for place in facts.values()}
        known = await self._recall.facts(self._topic, places, needed=True) if places else {}

        def candidate(serial: str, history: History) -> Candidate:
            return Candidate(serial, tuple(history.places), tuple(history.standing))

        candidates: list[list[Candidate]] = []
        for serial, number in sought:
            if serial is not None and (history := histories.get(event_id_of(source, serial))) is not None:
                candidates.append([candidate(serial, history)])
                continue
            facts = by_number.get(number, {}).items() if number is not None else ()
            candidates.append(
                [
                    candidate(fact.serial, histories[event_id])
                    for event_id, place in facts
                    if (fact := known.get(place)) is not None and fact.source == source
                ]
            )
        return candidates

    async def known(self, event_ids: Sequence[UUID]) -> set[UUID]:
        """Return which of some events Kafka has acknowledged before. Raises Unavailable."""
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                topic = await self._standing.number()
                return set(await histories_of(self._pool, event_ids, topic))

    async def topic(self) -> int:
        """Return the number of the log's topic, whose facts are the ones that count. Raises Unavailable."""
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                await self._standing.check()
                return await self._standing.number()

    async def _decide(
        self,
        prepared: list[tuple[int, Prepared]],
        answers: list[Answer | None],
        *,
        trial: bool,
        heard: bool,
        traces: Sequence[str | None] | None,
    ) -> None:
        with _reaching_postgresql():
            async with asyncio.timeout(self._timeout):
                batch = await self._look_up(prepared, heard=heard)
                while batch.seen and await self._standing.check():
                    batch = await self._look_up(prepared, heard=heard)
                new = _new(prepared, batch.seen)
                protected: Sequence[Message | Refusal | None]
                if trial:
                    protected = [self._protector.check(ready) for _, ready in new]
                else:
                    protected = await self._protector.protect([ready for _, ready in new])

        messages: list[tuple[int, Prepared, Message]] = []
        refused: dict[tuple[int, str], Refusal] = {}
        known: Versions = {key: dict(versions) for key, versions in batch.seen.items()}
        fresh: set[int] = set()
        for (index, ready), message in zip(new, protected, strict=True):
            if isinstance(message, Refusal):
                refused[ready.fact.event_id.int, ready.digest] = message
            elif message is None:
                fresh.add(index)
                known.setdefault(ready.fact.event_id.int, {})[ready.digest] = None
            else:
                messages.append((index, ready, message))
        acknowledged: list[Acknowledged] = []
        if messages:
            acknowledged = await self._publish(messages, traces)
        published: list[tuple[int, Prepared, Place]] = []
        for (index, ready, message), place in zip(messages, acknowledged, strict=True):
            if isinstance(place, TooLarge):
                refused[message.event_id.int, message.digest] = Refusal("event", "fact-too-large")
            elif place is not None:
                published.append((index, ready, place))
                known.setdefault(message.event_id.int, {})[message.digest] = place
        fresh |= {index for index, *_ in published}
        rulings = _rulings(prepared, known, batch.voids, fresh)
        await self._remember(published, known, batch.numbers, rulings)

        doubts: dict[int, tuple[Fault, ...]] = {}
        asides: dict[int, Aside] = {}
        if heard:
            doubts, asides = await self._explain(prepared, batch, known, fresh, rulings)
        for index, ready in prepared:
            fact = ready.fact
            versions = known.get(fact.event_id.int, {})
            if refused and (refusal := refused.get((fact.event_id.int, ready.digest))) is not None:
                answers[index] = _refused(fact, refusal)
            elif ready.digest in versions:
                status: Status = "accepted" if index in fresh else "repeated"
                ruling, aside = rulings.get(index), asides.get(index)
                answers[index] = Answer(
                    status=status if aside is None else "set_aside",
                    serial=fact.serial,
                    event_id=fact.event_id,
                    digests=tuple(sorted(ruling.standing)) if ruling and aside and not ruling.undone else (),
                    amount_fen=ready.data.get("amount_fen", 0),
                    aside=aside,
                    doubts=(
                        *(warnings_of(fact) if heard else ()),
                        *(ruling.doubts if ruling is not None else ()),
                        *doubts.get(index, ()),
                    ),
                    undoes=_target(ready),
                    new=index in fresh,
                    position=self._position(versions[ready.digest]),
                )

    async def _publish(
        self, messages: Sequence[tuple[int, Prepared, Message]], traces: Sequence[str | None] | None
    ) -> list[Acknowledged]:
        """Sign records and publish them. What is followed says so in a header, which is signed as well."""
        with tracing.span(
            f"publish {self._topic}",
            "producer",
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "send",
                "messaging.destination.name": self._topic,
                "messaging.batch.message_count": len(messages),
            },
        ) as publishing:
            for index, _, message in messages:
                trace = (traces[index] if traces is not None else None) or publishing.context
                if trace is not None:
                    message.headers.append(tracing.header_of(trace))
                mac = self._log_keys.mac(self._topic, message.key, message.value, message.headers)
                message.headers.append(mac)
            return await self._publisher.publish(self._topic, [message for *_, message in messages])

    def _position(self, place: Place | None) -> str | None:
        if place is None or place.offset < 0:
            return None
        return f"{self._topic}/{place.partition}/{place.offset}"

    async def _look_up(self, prepared: list[tuple[int, Prepared]], *, heard: bool) -> _Batch:
        seen: Versions = {}
        voids: dict[int, set[str]] = {}
        elsewhere: dict[Place, tuple[UUID, str]] = {}
        current = await self._standing.number()
        ids = [ready.fact.event_id for _, ready in prepared]
        ids += [target for _, ready in prepared if (target := _target(ready)) is not None]
        for event_id, digest, topic, partition, offset, undone in await remembered(self._pool, ids, current):
            if undone:
                voids.setdefault(event_id.int, set()).add(digest.hex())
            elif topic is not None:
                # A fact of another context may have the same id: it stands on another topic.
                place = Place(partition, offset) if topic == current else None
                seen.setdefault(event_id.int, {})[digest.hex()] = place
            elif offset is not None:
                elsewhere[Place(partition, offset)] = event_id, digest.hex()
        if elsewhere:
            # Remembered before topics were told apart.
            claimed = {place: event_id for place, (event_id, _) in elsewhere.items()}
            for place in await self._standing.on_log(claimed):
                event_id, digest = elsewhere[place]
                seen.setdefault(event_id.int, {})[digest] = place
        numbers = {
            index: number for index, ready in prepared if (number := number_of(ready.fact)) is not None
        }
        batch = _Batch(seen, voids, numbers)
        if numbers and heard:
            facts = await stating(self._pool, list(set(numbers.values())), current)
            for stated in facts:
                if not stated.undone:
                    batch.others.setdefault(stated.number, []).append((stated.event_id, stated.place))
        return batch

    async def _remember(
        self,
        published: list[tuple[int, Prepared, Place]],
        known: Versions,
        numbers: Mapping[int, UUID],
        rulings: Mapping[int, _Ruling],
    ) -> None:
        conflicts = {
            ready.fact.event_id: ready.fact
            for index, ready, _ in published
            if (ruling := rulings.get(index)) is not None and len(ruling.standing) > 1
        }
        for event_id in conflicts:
            _LOG.warning(
                "integrity alert: event %s came with %d contents, none counts until the others are voided",
                event_id,
                len(known[event_id.int]),
            )
        known_places = [item for item in published if item[2].offset >= 0]
        if not known_places:
            return
        voided = [
            (event_id_of(void.source, void.id), bytes.fromhex(void.digest or ALL), ready.fact.event_id)
            for _, ready, _ in known_places
            if isinstance(void := ready.fact.data, Void)
        ]
        last: dict[int, tuple[int, UUID]] = {}
        for _, ready, place in known_places:
            if place.offset > last.get(place.partition, (-1,))[0]:
                last[place.partition] = place.offset, ready.fact.event_id
        ends = sorted(last.items())
        try:
            # Before anything is written over that would tell of a loss.
            await self._standing.check()
            await self._whereabouts.learn(ready for _, ready, _ in published)
            topic = await self._standing.number()
            async with (
                asyncio.timeout(self._timeout),
                self._pool.acquire() as connection,
                # All or nothing, so that none is called a repeat whose alert is lost.
                connection.transaction() if conflicts or voided else nullcontext(),
            ):
                await connection.execute(
                    _REMEMBER,
                    [ready.fact.event_id for _, ready, _ in known_places],
                    [bytes.fromhex(ready.digest) for _, ready, _ in known_places],
                    [place.partition for *_, place in known_places],
                    [place.offset for *_, place in known_places],
                    [numbers.get(index) for index, *_ in known_places],
                    topic,
                    [partition for partition, _ in ends],
                    [offset for _, (offset, _) in ends],
                    [event_id for _, (_, event_id) in ends],
                )
                if voided:
                    await connection.execute(_VOIDED, *map(list, zip(*voided, strict=True)))
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
            if not (isinstance(error, Unavailable) or is_infrastructure(error)):
                raise
            _LOG.warning("%d facts are on the log, but intake could not remember them", len(published))

    async def _explain(
        self,
        prepared: list[tuple[int, Prepared]],
        batch: _Batch,
        known: Versions,
        fresh: set[int],
        rulings: Mapping[int, _Ruling],
    ) -> tuple[dict[int, tuple[Fault, ...]], dict[int, Aside]]:
        """Return what is to be said of numbers that others have, and of facts that do not count.

        Rarely anything: then what the log has of the others is read back.
        """
        said_once = len(set(batch.numbers.values())) == len(batch.numbers)
        if said_once and not batch.others and not rulings:
            return {}, {}
        first_with: dict[UUID, tuple[int, Prepared]] = {}
        within: dict[int, Prepared] = {}
        before: dict[int, list[tuple[UUID, Place | None]]] = {}
        contents: dict[int, dict[str, tuple[int, Prepared]]] = {}
        asides: dict[int, Aside] = {}
        conflicting: list[tuple[int, Prepared]] = []
        for index, ready in prepared:
            event_id = ready.fact.event_id
            if (ruling := rulings.get(index)) is not None:
                if ruling.undone:
                    asides[index] = Undone(ready.digest, ruling.standing)
                elif len(ruling.standing) > 1:
                    conflicting.append((index, ready))
                    contents.setdefault(event_id.int, {}).setdefault(ready.digest, (index, ready))
            number = batch.numbers.get(index)
            if number is None or index not in fresh:
                continue
            if others := [other for other in batch.others.get(number, ()) if other[0] != event_id]:
                before[index] = others
            elif (first := first_with.get(number)) is not None and first[1].fact.event_id != event_id:
                within[index] = first[1]
            first_with.setdefault(number, (index, ready))
        if not (before or within or conflicting):
            return {}, asides

        places = {place for others in before.values() for _, place in others[:1] if place is not None}
        for index, ready in conflicting:
            versions, here = known[ready.fact.event_id.int], contents[ready.fact.event_id.int]
            for digest in rulings[index].standing:
                place = versions[digest]
                if place is not None and (digest not in here or here[digest][0] not in fresh):
                    places.add(place)
        found = await self._recall.facts(self._topic, places) if places else {}
        doubts: dict[int, tuple[Fault, ...]] = {}
        for index, ready in prepared:
            if index in before:
                ((_, place), *_) = before[index]
                other = _where(found.get(place) if place is not None else None)
            elif index in within:
                other = _here(within[index])
            else:
                continue
            named = f"data.{ready.fact.entry.unique[-1]}"
            doubts[index] = (Fault(named, say("number-used-twice", **other._asdict())),)
        for index, ready in conflicting:
            event_id = ready.fact.event_id
            beside = {digest: (each, at in fresh) for digest, (at, each) in contents[event_id.int].items()}
            asides[index] = await self._conflict(
                ready, known[event_id.int], rulings[index].standing, beside, found
            )
        return doubts, asides

    async def _conflict(
        self,
        ready: Prepared,
        places: Mapping[str, Place | None],
        standing: Sequence[str],
        beside: Mapping[str, tuple[Prepared, bool]],
        found: Mapping[Place, Known],
    ) -> Conflict:
        """Return how a version differs from another one that stands, and where each of them came from.

        ``beside``: those that are in the batch, and whether it brought them; ``found``: those of before.
        """
        entry, void = ready.fact.entry, ready.fact.entry.void
        now, texts = _content(ready)
        fields: dict[str, tuple[str, str]] = {}
        others: list[Version] = []
        compared = False
        this = Version(ready.digest)
        # The oldest first, as far as that is known.
        for digest in sorted(standing, key=lambda digest: places[digest] or (_LATER, _LATER)):
            place = places[digest]
            on_log = found.get(place) if place is not None else None
            stated, new = beside.get(digest, (None, False))
            where = _here(stated) if stated is not None and new else _where(on_log)
            version = Version(digest, where.receipt, where.day)
            if digest == ready.digest:
                this = version
                continue
            others.append(version)
            if compared:
                continue
            if stated is not None:
                (earlier, earlier_texts), time = _content(stated), stated.fact.time
            elif on_log is not None:
                earlier, time = on_log.data, on_log.time
                try:
                    earlier_texts = await self._protector.texts(ready.fact.event_id, entry, on_log.data)
                except Exception as error:
                    if not is_infrastructure(error):
                        raise
                    earlier_texts = texts
            else:
                continue
            compared = True
            fields = differing(earlier, now, earlier_texts, texts)
            if time != ready.fact.time:
                fields["time"] = ("", "")
            # What is said to differ is said of the other version that is named first.
            others.insert(0, others.pop())
        return Conflict(this, tuple(others), fields, void)


@contextmanager
def _reaching_postgresql() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_infrastructure(error):
            raise
        raise Unavailable(say("postgresql-away")) from error


def _content(ready: Prepared) -> tuple[dict[str, object], dict[str, str]]:
    # Fragments of names are JSON: read here only, where two contents are compared.
    data = orjson.loads(orjson.dumps(ready.data))
    texts = {path: plain.decode() for _, _, name, path, plain in ready.seals if name != "sealed"}
    return data, texts


def _where(known: Known | None) -> _Other:
    if known is None:
        return _Other("?", "?", "?")
    return _Other(known.serial, known.receipt or "—", known.day.isoformat())


def _here(ready: Prepared) -> _Other:
    fact = ready.fact
    return _Other(fact.serial, fact.correlation_id or "—", _today())


def _today() -> str:
    return local_date(datetime.now(UTC)).isoformat()


def _target(ready: Prepared) -> UUID | None:
    """Return the fact that a void undoes; ``None`` for other facts."""
    void = ready.fact.data
    return event_id_of(void.source, void.id) if isinstance(void, Void) else None


def _meant(prepared: Sequence[tuple[int, Prepared]]) -> set[int]:
    """Return the events of a batch, and those that its voids undo."""
    events = {ready.fact.event_id.int for _, ready in prepared}
    return events | {target.int for _, ready in prepared if (target := _target(ready)) is not None}


def _rulings(
    prepared: Sequence[tuple[int, Prepared]],
    known: Versions,
    voids: Mapping[int, set[str]],
    fresh: Collection[int],
) -> dict[int, _Ruling]:
    """Return what is to be said of items that conflict, that are voided, or that void: rarely of any.

    As in the ledgers: a version counts where it is the only one that no void undoes. A void itself cannot be
    undone, and one with several versions undoes nothing.
    """
    rulings: dict[int, _Ruling] = {}
    undone = {event: set(digests) for event, digests in voids.items()}
    for index, ready in prepared:
        event = ready.fact.event_id.int
        versions = known.get(event, {})
        if ready.digest not in versions:
            continue
        if (target := _target(ready)) is not None:
            if len(versions) > 1:
                rulings[index] = _Ruling(tuple(versions), False)
                continue
            digest = ready.fact.data.digest or ALL  # type: ignore[attr-defined]
            before = undone.setdefault(target.int, set())
            if doubt := _doubt_of_void(known.get(target.int, {}), before, digest, new=index in fresh):
                rulings[index] = _Ruling((ready.digest,), False, (doubt,))
            before.add(digest)
        elif len(versions) > 1 or event in undone:
            left = tuple(standing(versions, undone.get(event, ())))
            doubts: tuple[Fault, ...] = ()
            if left == (ready.digest,):
                if len(versions) == 1:
                    continue  # a version that nobody has is voided
                others = "、".join(sorted(versions.keys() - {ready.digest}))
                doubts = (Fault("id", say("other-version-voided", digests=others)),)
            rulings[index] = _Ruling(left, ready.digest not in left, doubts)
    return rulings


def _doubt_of_void(
    versions: Mapping[str, Place | None], before: Collection[str], digest: str, *, new: bool
) -> Fault | None:
    """Return what looks wrong in a void that is in force; ``before``: what voids undid before it came."""
    if not versions:
        return Fault("data.id", say("void-target-unknown"))
    if digest != ALL and digest not in versions:
        return Fault("data.digest", say("void-digest-unknown", digests="、".join(sorted(versions))))
    if not new:
        return None
    stood = [each for each in standing(versions, before) if digest in (ALL, each)]
    if not stood:
        return Fault("data.id", say("void-already"))
    if len(stood) > 1:
        return Fault("data.id", say("void-all-versions", count=len(stood)))
    return None


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
        if ready.digest not in seen.get(version[0], {}) and version not in taken:
            taken.add(version)
            new.append((index, ready))
    return new


def _refused(fact: ReadableFact, refusal: Refusal) -> Answer:
    # An id that is refused may be an ID number: the answer does not say it again.
    serial = fact.serial if refusal.field != "id" else None
    rejection = Rejection.of(refusal.field, say(refusal.code), serial=serial)
    return Answer(status="rejected", serial=serial, rejection=rejection)
