"""What intake has taken, it lets go of: records of intake topics after an hour, keys of old dead letters."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from events.catalogue import intake_topic
from services.intake.context import Intake
from services.platform.failure import is_infrastructure
from services.platform.kafka import connection
from services.platform.running import stop_consumer
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_FIRST_SECONDS, _SECONDS = 300.0, 3600.0
_KEPT = timedelta(hours=1)


async def forget(intakes: Sequence[Intake], stop: asyncio.Event) -> None:
    """Forget once an hour until ``stop``; where a server is away, the next time."""
    pause = _FIRST_SECONDS
    while not await _stopped(stop, pause):
        pause = _SECONDS
        for intake in intakes:
            try:
                await forget_taken(intake.settings, intake.context)
                await intake.pool.fetchval("SELECT vault.forget_letters()")
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                _LOG.warning("what %s took is let go of later: %s", intake.context, type(error).__name__)


async def forget_taken(settings: Settings, context: str, kept: timedelta = _KEPT) -> int:
    """Delete the records of a context's intake topic that were taken and came before ``kept``.

    Returns how many. Raises KafkaError where Kafka is away.
    """
    topic = intake_topic(settings.topic_prefix, context)
    admin = AIOKafkaAdminClient(**connection(settings))
    consumer = AIOKafkaConsumer(**connection(settings))
    try:
        await admin.start()
        await consumer.start()
        taken = {
            place: held.offset
            for place, held in (await admin.list_consumer_group_offsets(topic)).items()
            if place.topic == topic and held.offset > 0
        }
        if not taken:
            return 0
        until = int((time.time() - kept.total_seconds()) * 1000)
        young = await consumer.offsets_for_times(dict.fromkeys(taken, until))
        begins = await consumer.beginning_offsets(list(taken))
        below: dict[TopicPartition, int] = {
            place: offset if young.get(place) is None else min(offset, young[place].offset)
            for place, offset in taken.items()
        }
        below = {place: offset for place, offset in below.items() if offset > begins[place]}
        if below:
            await admin.delete_records({place: RecordsToDelete(offset) for place, offset in below.items()})
        return sum(offset - begins[place] for place, offset in below.items())
    finally:
        await admin.close()
        await stop_consumer(consumer)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
