"""Facts on a log of real Kafka, as intake writes them."""

from __future__ import annotations

from collections.abc import Iterable

from events.catalogue import CONTEXTS, log_topic
from services.platform.log import cut_of, end_offsets
from services.platform.producer import open_producer
from services.platform.settings import Settings
from tests.services.detection.upstream import Raw, message_of


async def cut(settings: Settings) -> dict[str, dict[str, int]]:
    """Return how far the log is, as a closed day carries it."""
    return cut_of(await end_offsets(settings, CONTEXTS))


async def publish(settings: Settings, raws: Iterable[Raw]) -> None:
    """Write facts to their topics, and wait until they are there."""
    producer = await open_producer(settings)
    try:
        for raw in raws:
            message = message_of(raw)
            topic = log_topic(settings.topic_prefix, raw["type"].split(".")[1])
            await producer.send(topic, message.value, key=message.key, headers=message.headers)
        await producer.flush()
    finally:
        await producer.stop()
