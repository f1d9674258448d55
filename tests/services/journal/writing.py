"""Writing a log, and keeping a journal of it for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from events.catalogue import log_topic
from services.journal.keeping import load_signer, trees
from services.journal.service import serve
from services.journal.tree import Tree
from services.platform.log import open_reader
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings


async def write(settings: Settings, count: int, context: str = "payments", partition: int = 0) -> None:
    """Write records of several shapes to a partition."""
    producer = await open_producer(settings)
    try:
        sent = [
            await producer.send(
                log_topic(settings.topic_prefix, context),
                None if number % 11 == 7 else f"value {number}".encode(),
                f"H{number}".encode(),
                partition=partition,
                headers=[("ce_id", str(number).encode()), ("empty", b"")],
            )
            for number in range(count)
        ]
        await asyncio.gather(*sent)
    finally:
        await close_producer(producer)


@asynccontextmanager
async def keeping(settings: Settings) -> AsyncIterator["asyncio.Task[None]"]:
    """Run the service meanwhile."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop))
    try:
        yield serving
    finally:
        stop.set()
        await serving


def kept(settings: Settings) -> dict[tuple[str, int], Tree]:
    """The trees of the journal, by context and partition."""
    key = load_signer(settings.journal_key_file).key
    return {(tree.topic.rpartition(".")[2], tree.partition): tree for tree in trees(settings, key)}


async def until_kept(settings: Settings, count: int, context: str = "payments", partition: int = 0) -> Tree:
    """Return the tree of a partition when it has so many records."""
    async with asyncio.timeout(60):
        while True:
            try:
                tree = kept(settings)[context, partition]
            except Exception:
                tree = None
            if tree is not None and tree.size >= count:
                return tree
            await asyncio.sleep(0.05)


async def log_of(settings: Settings, context: str = "payments") -> list[tuple]:
    """Every record that Kafka has of a context, by place."""
    found = []
    async with open_reader(settings, [log_topic(settings.topic_prefix, context)]) as consumer:
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        for partition, offset in (await consumer.beginning_offsets(partitions)).items():
            consumer.seek(partition, offset)
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for raws in (await consumer.getmany(timeout_ms=500)).values():
                found += [
                    (raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, tuple(raw.headers))
                    for raw in raws
                ]
    return sorted(found)
