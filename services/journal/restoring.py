"""Writing the log anew from the journal, into a Kafka that has none: the same at the same offsets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.journal.tree import Tree
from services.platform.kafka import administration
from services.platform.log import log_bounds
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings
from services.platform.topics import Topic, create_topics, journal_topics, topics

_AT_ONCE = 2000
_AS_SAID = "CreateTime"
_KIND = "message.timestamp.type"


class RestoreError(Exception):
    """The log cannot be written anew; the message says why. What was written before stays."""


async def restore(
    settings: Settings, trees: Sequence[Tree], progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Write every record of the journal into a Kafka without any; return how many there were.

    Offsets, keys, headers, values and times are those of the journal. Topics have the partitions that the
    journal has trees of. Raises RestoreError where Kafka has records, or where the journal cannot be restored
    to the same offsets; JournalError where it was changed.
    """
    for tree in trees:
        await asyncio.to_thread(_check, tree)
    partitions: dict[str, int] = {}
    for tree in trees:
        partitions[tree.topic] = max(partitions.get(tree.topic, 0), tree.partition + 1)
    wanted = [
        replace(topic, partitions=partitions.get(topic.name, topic.partitions))
        for topic in topics(settings)
        if topic.name in journal_topics(settings.topic_prefix)
    ]
    async with administration(settings) as admin:
        await _prepare(settings, admin, wanted)
        producer = await open_producer(settings)
        try:
            total, done = sum(tree.size for tree in trees), 0
            for tree in trees:
                async for count in _write(producer, tree):
                    done += count
                    progress(done, total)
        finally:
            await close_producer(producer)
        await _configure(admin, {topic.name: topic.config for topic in wanted})
    await create_topics(settings)
    return done


def _check(tree: Tree) -> None:
    tree.check()
    for index, entry in enumerate(tree.entries()):
        if entry.offset != index:
            raise RestoreError(
                f"before the record at {entry.place} Kafka had none of {entry.offset - index} offsets: what "
                "follows cannot be written at the same offsets, and days name offsets"
            )


async def _prepare(settings: Settings, admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> None:
    """Make the topics, each of which keeps the times of its records as they are said meanwhile."""
    there = set(await admin.list_topics())
    missing = [topic for topic in wanted if topic.name not in there]
    if len(missing) < len(wanted):
        contexts = [topic.name.rpartition(".")[2] for topic in wanted if topic.name in there]
        bounds = await log_bounds(settings, contexts)
        if full := sorted(place for place, (_, end) in bounds.items() if end):
            raise RestoreError(
                f"Kafka has records already, in {full[0][0]}, partition {full[0][1]}: the log is written "
                "anew only where there is none"
            )
        for topic in wanted:
            have = sum(name == topic.name for name, _ in bounds)
            if topic.name in there and have > topic.partitions:
                raise RestoreError(
                    f"{topic.name} has {have} partitions, and had {topic.partitions}: delete the topic"
                )
            if topic.name in there and have < topic.partitions:
                await admin.create_partitions({topic.name: NewPartitions(topic.partitions)})
    if missing:
        answer = await admin.create_topics(
            [NewTopic(each.name, each.partitions, settings.replication) for each in missing]
        )
        if failed := [f"{item[0]}: {item[2]}" for item in answer.topic_errors if item[1]]:
            raise RestoreError("Kafka did not create topics: " + "; ".join(failed))
    await _configure(admin, {topic.name: {**topic.config, _KIND: _AS_SAID} for topic in wanted})


async def _configure(admin: AIOKafkaAdminClient, configs: Mapping[str, dict[str, str]]) -> None:
    for answer in await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, config) for name, config in configs.items()]
    ):
        if failed := [f"{name}: {error}" for code, error, _, name in answer.resources if code]:
            raise RestoreError("Kafka did not change topics: " + "; ".join(failed))


async def _write(producer: AIOKafkaProducer, tree: Tree) -> AsyncIterator[int]:
    """Write the records of a tree; give how many, batch by batch."""
    for start in range(0, tree.size, _AT_ONCE):
        entries = list(tree.entries(start, start + _AT_ONCE))
        sent = [
            await producer.send(
                each.topic,
                each.value,
                each.key,
                partition=each.partition,
                timestamp_ms=each.timestamp,
                headers=list(each.headers),
            )
            for each in entries
        ]
        for entry, written in zip(entries, await asyncio.gather(*sent), strict=True):
            if written.offset != entry.offset:
                raise RestoreError(
                    f"the record at {entry.place} came to stand at offset {written.offset}: somebody else "
                    "writes to this Kafka"
                )
        yield len(entries)
