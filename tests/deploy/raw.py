"""Records of the log as Kafka has them."""

from collections.abc import Sequence

from aiokafka import ConsumerRecord

from events.catalogue import log_topic
from services.platform.log import open_reader
from services.platform.settings import Settings


async def raw_records(settings: Settings, contexts: Sequence[str]) -> list[ConsumerRecord]:
    """Return every record of contexts."""
    topics = [log_topic(settings.topic_prefix, context) for context in contexts]
    found: list[ConsumerRecord] = []
    async with open_reader(settings, topics) as consumer:
        partitions = list(consumer.assignment())
        beginnings = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, beginnings[partition])
        left = {partition for partition in partitions if beginnings[partition] < ends[partition]}
        while left:
            for records in (await consumer.getmany(*left, timeout_ms=500)).values():
                found += records
            left = {partition for partition in left if await consumer.position(partition) < ends[partition]}
    return found
