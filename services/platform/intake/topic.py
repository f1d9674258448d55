"""Intake from a Kafka topic: one raw fact a record, judged as over HTTP; what is none is a dead letter.

Offsets are the group's, committed after Kafka acknowledged the facts: a crash in between repeats records,
and repeats do no harm.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from events.catalogue import dead_letter_topic, intake_topic
from services.platform.failure import is_infrastructure
from services.platform.intake.answers import Rejection, Unavailable
from services.platform.intake.context import Intake
from services.platform.intake.dead_letters import SealedLetter, seal_letter
from services.platform.intake.envelope import read_event
from services.platform.intake.sentences import say
from services.platform.intake.sources import OPERATOR, Source
from services.platform.protection import ReadableFact
from services.platform.running import stop_consumer

_LOG = logging.getLogger(__name__)
_BATCH = 1000
_UNDER_WAY = 3
"""Batches on their way at a time: the next are read and sealed while Kafka and PostgreSQL work."""
_FETCH_BYTES = 4 * 1024 * 1024
_LONGEST_PAUSE = 10.0


async def consume_intake(intake: Intake, stop: asyncio.Event) -> None:
    """Take facts from the context's intake topic until ``stop`` is set; waits while Kafka is away."""
    pause = 0.5
    while not stop.is_set():
        try:
            await _consume(intake, stop)
        except (KafkaError, OSError, TimeoutError) as error:
            _LOG.warning("the intake topic of %s waits: %s", intake.context, type(error).__name__)
            await _sleep(pause, stop)
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _consume(intake: Intake, stop: asyncio.Event) -> None:
    topic = intake_topic(intake.settings.topic_prefix, intake.context)
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=intake.settings.kafka,
        group_id=topic,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_500,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    under_way: deque[tuple[TopicPartition, int, asyncio.Task[bool]]] = deque()

    async def oldest() -> bool:
        partition, end, task = under_way.popleft()
        if not await task:
            return False
        await consumer.commit({partition: end})
        return True

    try:
        await consumer.start()
        while not stop.is_set():
            for partition, records in (await consumer.getmany(timeout_ms=200, max_records=_BATCH)).items():
                task = asyncio.ensure_future(_take(intake, records, stop))
                under_way.append((partition, records[-1].offset + 1, task))
                await asyncio.sleep(0)  # it begins before the next batch is fetched
            while under_way and (len(under_way) >= _UNDER_WAY or under_way[0][-1].done()):
                if not await oldest():
                    return
        while under_way and await oldest():
            pass
    finally:
        for *_, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for *_, task in under_way), return_exceptions=True)
        await stop_consumer(consumer)


async def _take(intake: Intake, records: Sequence[ConsumerRecord], stop: asyncio.Event) -> bool:
    pause = 0.5
    while not stop.is_set():
        try:
            await take_records(intake, records)
        except Exception as error:
            # Nothing may be passed over because a server is away.
            if not (isinstance(error, Unavailable) or is_infrastructure(error)):
                raise
            _LOG.warning("the intake topic of %s waits: %s", intake.context, type(error).__name__)
            await _sleep(pause, stop)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return True
    return False


async def take_records(intake: Intake, records: Sequence[ConsumerRecord]) -> None:
    """Put the facts of a batch of records onto the log, the others among the dead letters.

    Raises Unavailable where Kafka or PostgreSQL went away; the same batch again is safe.
    """
    horizon = intake.horizon()
    callers: dict[str, Source | None] = {}
    facts: list[ReadableFact | Rejection] = []
    for record in records:
        authorization = dict(record.headers).get("authorization", b"").decode("utf-8", "replace")
        if authorization not in callers:
            callers[authorization] = await intake.caller(authorization)
        caller = callers[authorization]
        if caller is None and not authorization and intake.settings.intake_topics_open:
            caller = OPERATOR
        if caller is None:
            facts.append(Rejection.of("authorization", say("authorization"), forbidden=True))
        elif record.value is None:
            facts.append(Rejection.of("event", say("event-absent")))
        else:
            facts.append(read_event(record.value, caller, intake.context, horizon))
    outcome = await intake.acceptor.accept(facts)
    letters: list[SealedLetter] = []
    for record, answer in zip(records, outcome.answers, strict=True):
        if answer is not None and (rejection := answer.rejection) is not None:
            kind = "Forbidden" if rejection.forbidden else "Rejected"
            reason = "; ".join(f"{fault.field}: {fault.sentence.english}" for fault in rejection.faults)
            letters.append(seal_letter(intake.keys, record, kind, reason))
    if letters:
        sent = await intake.publisher.publish(dead_letter_topic(intake.settings.topic_prefix), letters)
        if not all(sent):
            raise Unavailable(say("kafka-silent"))
        _LOG.warning("%d records of the intake topic of %s are dead letters", len(letters), intake.context)
    if not outcome.complete:
        raise Unavailable(say("kafka-silent"))


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
