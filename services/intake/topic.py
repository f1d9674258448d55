"""Intake from a Kafka topic: one raw fact a record, judged as over HTTP; what is none is a dead letter.

Offsets are the group's, committed after Kafka acknowledged the facts: a crash in between repeats records,
and repeats do no harm. Whatever a record is, the records behind it are taken.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError

from events.catalogue import dead_letter_topic, intake_topic
from events.envelope import event_id_of
from services.intake.answers import NewerVersion, Rejection, Unavailable, fault_of_ours
from services.intake.backlog import OPEN_TRANSACTION
from services.intake.context import Intake
from services.intake.dead_letters import (
    Seal,
    SealedLetter,
    seal_letter,
    seal_of_today,
    seal_place,
)
from services.intake.envelope import read_binary_event, read_event
from services.intake.heads import KAFKA, Head, read_head
from services.intake.inquiries import Refusal, note_refusals, origin_of
from services.intake.publisher import Place
from services.intake.sentences import say
from services.intake.sources import OPERATOR, Source
from services.platform import tracing
from services.platform.batches import Found, Unreadable, fetch_batches, gives_up
from services.platform.failure import is_infrastructure
from services.platform.idling import Idling
from services.platform.kafka import connection
from services.platform.protection import ReadableFact
from services.platform.running import pause, stop_consumer

_LOG = logging.getLogger(__name__)
_BATCH = 1000
_UNDER_WAY = 3
"""Batches on their way at a time: the next are read and sealed while Kafka and PostgreSQL work."""
_FETCH_BYTES = 4 * 1024 * 1024
_BUSY_MS, _IDLE_MS = 200, 2000
"""How long is waited for records: Kafka answers at once where there are any, but a batch under way is seen to
its end only then."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_POSITION_SECONDS = 1.0

_Batch = tuple[TopicPartition, Sequence[Found], int]
"""Records of a partition, and the position behind them."""


async def consume_intake(intake: Intake, stop: asyncio.Event) -> None:
    """Take facts from the context's intake topic until ``stop`` is set; whatever happens meanwhile."""
    loop, delay = asyncio.get_running_loop(), _FIRST_PAUSE
    intake.backlog.begin()
    while not stop.is_set():
        began = loop.time()
        try:
            await _consume(intake, stop)
        except Exception as error:
            # Not even a fault of ours may end the process, in which other contexts are served: it is seen in
            # the backlog that does not move.
            name = type(error).__name__
            intake.backlog.waits(name)
            _LOG.warning("the intake topic of %s waits: %s", intake.context, name)
            delay = _FIRST_PAUSE if loop.time() - began > _LONGEST_PAUSE else min(delay * 2, _LONGEST_PAUSE)
            await pause(delay, stop)


async def _consume(intake: Intake, stop: asyncio.Event) -> None:
    topic = intake_topic(intake.settings.topic_prefix, intake.context)
    consumer = AIOKafkaConsumer(
        topic,
        **connection(intake.settings),
        group_id=topic,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=6_000,
        heartbeat_interval_ms=2_000,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    under_way: deque[tuple[TopicPartition, int, asyncio.Task[bool]]] = deque()
    committed: dict[TopicPartition, int] = {}

    async def commit(partition: TopicPartition, end: int) -> None:
        await consumer.commit({partition: end})
        committed[partition] = end

    async def oldest() -> bool:
        partition, end, task = under_way.popleft()
        if not await task:
            return False
        await commit(partition, end)
        return True

    stopped = asyncio.ensure_future(stop.wait())
    coming: asyncio.Future[list[_Batch]] | None = None
    try:
        await consumer.start()
        idling = Idling(consumer, busy_ms=_BUSY_MS, idle_ms=_IDLE_MS)
        while not stop.is_set():
            coming = asyncio.ensure_future(
                _next(intake, consumer, idling, _BUSY_MS if under_way else _IDLE_MS)
            )
            await asyncio.wait({coming, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                break
            for partition, records, end in coming.result():
                task = asyncio.ensure_future(_take(intake, records, stop))
                under_way.append((partition, end, task))
                committed.setdefault(partition, records[0].offset)
                await asyncio.sleep(0)  # it begins before the next batch is fetched
            while under_way and (len(under_way) >= _UNDER_WAY or under_way[0][-1].done()):
                if not await oldest():
                    return
            if not under_way:
                # What ends a transaction, and what one held that never counted, are records of no batch.
                for partition, position in (await _positions(consumer)).items():
                    if position != committed.get(partition):
                        await commit(partition, position)
            _note(intake, consumer, committed)
        while under_way and await oldest():
            pass
    finally:
        unfinished = [
            each for each in (stopped, coming, *(task for *_, task in under_way)) if each is not None
        ]
        for each in unfinished:
            each.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await stop_consumer(consumer)


async def _next(intake: Intake, consumer: AIOKafkaConsumer, idling: Idling, wait_ms: int) -> list[_Batch]:
    try:
        fetched = await consumer.getmany(timeout_ms=wait_ms, max_records=_BATCH)
        idling.note(bool(fetched))
    except Exception as error:
        if not gives_up(error):
            raise
        _LOG.warning(
            "the intake topic of %s is read record by record: %s", intake.context, type(error).__name__
        )
        return await _around(consumer)
    return [(partition, records, records[-1].offset + 1) for partition, records in fetched.items()]


async def _around(consumer: AIOKafkaConsumer) -> list[_Batch]:
    found: list[_Batch] = []
    for partition, position in (await _positions(consumer)).items():
        client = consumer._client
        leader = client.cluster.leader_for_partition(partition)
        records, end = await fetch_batches(client, leader, partition, position, _FETCH_BYTES)
        if end > position:
            consumer.seek(partition, end)
        found += (
            (partition, some, some[-1].last + 1 if isinstance(some[-1], Unreadable) else some[-1].offset + 1)
            for some in (records[at : at + _BATCH] for at in range(0, len(records), _BATCH))
        )
    return found


async def _positions(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    # Of what is taken away meanwhile, or not yet placed, the others' are enough.
    found: dict[TopicPartition, int] = {}
    for partition in consumer.assignment():
        try:
            async with asyncio.timeout(_POSITION_SECONDS):
                found[partition] = await consumer.position(partition)
        except (IllegalStateError, TimeoutError):
            continue
    return found


def _note(intake: Intake, consumer: AIOKafkaConsumer, committed: dict[TopicPartition, int]) -> None:
    lag, why = 0, ""
    for partition in consumer.assignment():
        end, stable = consumer.highwater(partition), consumer.last_stable_offset(partition)
        held = committed.get(partition, 0)
        if end is not None and end > held:
            lag += end - held
            why = OPEN_TRANSACTION if stable is not None and 0 <= stable <= held else why
    intake.backlog.note(sum(committed.values()), lag, why)


async def _take(intake: Intake, records: Sequence[Found], stop: asyncio.Event) -> bool:
    delay = _FIRST_PAUSE
    while not stop.is_set():
        try:
            await take_records(intake, records)
        except Exception as error:
            if isinstance(error, Unavailable) or is_infrastructure(error):
                # Nothing may be passed over because a server is away, or because it is for our successor.
                name = type(error).__name__
                intake.backlog.waits(name)
                said = error.sentence.english if isinstance(error, NewerVersion) else name
                _LOG.warning("the intake topic of %s waits: %s", intake.context, said)
                await pause(delay, stop)
                delay = min(delay * 2, _LONGEST_PAUSE)
            elif len(records) > 1:
                # Nobody foresaw this, and one of them may be the cause.
                for record in records:
                    if not await _take(intake, [record], stop):
                        return False
                return True
            else:
                return await _bury(intake, records[0], error, stop)
        else:
            return True
    return False


async def _bury(intake: Intake, record: Found, error: Exception, stop: asyncio.Event) -> bool:
    while not stop.is_set():
        try:
            seal = await seal_of_today(intake.vault)
            await _publish_letters(intake, [_letter(seal, record, fault_of_ours(error))])
        except Exception as away:
            if not isinstance(away, Unavailable) and not is_infrastructure(away):
                raise
            await pause(1, stop)
        else:
            return True
    return False


_NO_HEAD = Head()
_UNSIGNED = Rejection.of("dibao-signature", say("signature"), forbidden=True)
_BEARER = Rejection.of("authorization", say("no-keys-on-topics"), forbidden=True)
_UNREADABLE = Rejection.of("record", say("record-unreadable"))


async def take_records(intake: Intake, records: Sequence[Found]) -> None:
    """Put the facts of a batch of records onto the log, the others among the dead letters.

    Raises Unavailable where Kafka or PostgreSQL went away; the same batch again is safe.
    """
    horizon = intake.horizon()
    callers = _Callers(intake)
    heads: list[tuple[Head, Source | None]] = []
    facts: list[ReadableFact | Rejection] = []
    for record in records:
        if isinstance(record, Unreadable):
            heads.append((_NO_HEAD, None))
            facts.append(_UNREADABLE)
            continue
        head = read_head(record.headers)
        caller = await callers.of(head, record) if head.refused is None else None
        heads.append((head, caller if isinstance(caller, Source) else None))
        if head.refused is not None:
            facts.append(head.refused)
        elif not isinstance(caller, Source):
            facts.append(caller or _UNSIGNED)
        elif record.value is None:
            facts.append(Rejection.of("event", say("event-absent")))
        elif head.attributes is not None:
            facts.append(read_binary_event(head.attributes, record.value, caller, intake.context, horizon))
        else:
            facts.append(read_event(record.value, caller, intake.context, horizon))
    traces = _traces(records) if tracing.on() else None
    with _followed(intake, records, traces):
        # Warnings are for whoever hears the answer; on a topic that is nobody, and the ledgers mark the same.
        outcome = await intake.acceptor.accept(facts, heard=False, traces=traces)
    rejected = [
        (at, record, answer.rejection)
        for at, (record, answer) in enumerate(zip(records, outcome.answers, strict=True))
        if answer is not None and answer.rejection is not None
    ]
    if rejected:
        seal = await seal_of_today(intake.vault)
        letters = [_letter(seal, record, rejection) for _, record, rejection in rejected]
        numbers = await _publish_letters(intake, letters)
        refusals = [
            refusal
            for (at, record, rejection), number in zip(rejected, numbers, strict=True)
            if not isinstance(record, Unreadable)
            and (refusal := _refusal(record, rejection, number, *heads[at])) is not None
        ]
        if refusals:
            await note_refusals(intake.pool, refusals)
        _LOG.warning("%d records of the intake topic of %s are dead letters", len(letters), intake.context)
    if not outcome.complete:
        raise Unavailable(say("kafka-silent"))


def _traces(records: Sequence[Found]) -> list[str | None]:
    """Return the contexts of records that whoever sent them follows."""
    sent = (
        None if isinstance(record, Unreadable) else tracing.sent_by(record.headers, KAFKA)
        for record in records
    )
    return [one if one is not None and tracing.is_sampled(one) else None for one in sent]


def _followed(
    intake: Intake, records: Sequence[Found], traces: Sequence[str | None] | None
) -> AbstractContextManager[tracing.Span]:
    """Follow a batch: with those of its records that are followed; where none is, as a request of its own."""
    topic = intake_topic(intake.settings.topic_prefix, intake.context)
    name, attributes = f"receive {topic}", {"messaging.batch.message_count": len(records)}
    if traces is None or not any(traces):
        return tracing.request(name, None, kind="consumer", attributes=attributes)
    return tracing.span(name, "consumer", of=traces, attributes=attributes)


def _refusal(
    record: ConsumerRecord, rejection: Rejection, letter: int | None, head: Head, caller: Source | None
) -> Refusal | None:
    # Who may not speak as a source may not have it said that one of its facts is rejected.
    if head.attributes is not None:
        origin = head.attributes.get("source"), head.attributes.get("id")
    else:
        origin = origin_of(record.value or b"") or (None, None)
    source, serial = origin
    if source is None or serial is None or caller is None or not caller.may_speak_as(source):
        return None
    event_id = event_id_of(source, serial)
    return Refusal(event_id, rejection, record.topic, record.partition, record.offset, letter)


class _Callers:
    """Who wrote each record of a batch."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._signatures = intake.signatures()
        self._bearers: dict[str, Source | None] = {}

    async def of(self, head: Head, record: ConsumerRecord) -> Source | Rejection | None:
        """Return the source that signed a record, why that is not asked, or ``None`` where none did."""
        settings = self._intake.settings
        if head.signature is not None:
            signer = await self._signatures.signer(head.signature, record.value or b"", record.headers)
            return None if signer is None else signer.source
        if head.authorization:
            return await self._bearer(head.authorization) if settings.intake_topics_bearer else _BEARER
        return OPERATOR if settings.intake_topics_open else None

    async def _bearer(self, authorization: str) -> Source | Rejection:
        if authorization not in self._bearers:
            self._bearers[authorization] = await self._intake.bearer(authorization)
        return self._bearers[authorization] or _BEARER


def _letter(seal: Seal, record: Found, rejection: Rejection) -> SealedLetter:
    kind = "Forbidden" if rejection.forbidden else "Rejected"
    reason = "; ".join(f"{fault.field}: {fault.sentence.english}" for fault in rejection.faults)
    if isinstance(record, Unreadable):
        return seal_place(seal, record, kind, reason)
    return seal_letter(seal, record, kind, reason)


async def _publish_letters(intake: Intake, letters: Sequence[SealedLetter]) -> list[int | None]:
    sent = await intake.publisher.publish(dead_letter_topic(intake.settings.topic_prefix), letters)
    places = [place for place in sent if isinstance(place, Place)]
    if len(places) < len(letters):
        raise Unavailable(say("kafka-silent"))
    return [place.offset if place.offset >= 0 else None for place in places]
