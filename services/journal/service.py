"""The process ``dibao serve journal``: adds what comes on the log to the journal, a batch at a time."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from services.journal.entry import Entry
from services.journal.keeping import kept, writable
from services.journal.note import Signer
from services.journal.tree import WritableTree
from services.platform.failure import PipelineStoppedError
from services.platform.idling import Idling
from services.platform.log import open_reader
from services.platform.monitor import attended
from services.platform.settings import Settings
from services.platform.topics import journal_topics

_LOG = logging.getLogger(__name__)
_WRITERS = 4
_AT_ONCE = 5000
"""Records; they are in memory until they are written."""
_BUSY_MS, _IDLE_MS = 100, 1000
_END_SECONDS = 5.0
"""A broker that has just started may not know the end of its log yet."""


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Keep the journal until ``stop`` is set.

    Raises PipelineStoppedError where Kafka has not what the journal has, KeyFileError without its key.
    """
    with kept(settings) as signer, ThreadPoolExecutor(_WRITERS) as writers:
        while not stop.is_set():
            async with open_reader(settings, journal_topics(settings.topic_prefix)) as consumer:
                keeper = _Keeper(settings, signer, consumer, writers)
                try:
                    await keeper.begin()
                    with attended("journal", keeper.ready):
                        await keeper.run(stop)
                except (NoOffsetForPartitionError, OffsetOutOfRangeError):
                    # Partitions were added, or the log was cut below us, which shows when we begin anew.
                    _LOG.info("the journal begins anew: Kafka has other partitions or bounds")


class _Keeper:
    def __init__(
        self, settings: Settings, signer: Signer, consumer: Any, writers: ThreadPoolExecutor
    ) -> None:
        self._settings = settings
        self._signer = signer
        self._consumer = consumer
        self._writers = writers
        self._trees: dict[TopicPartition, WritableTree] = {}
        self._unproved: set[TopicPartition] = set()
        """Partitions of which it is not known yet whether Kafka has what the journal ends with."""

    async def begin(self) -> None:
        """Open the trees, and go to where each of them ends."""
        partitions = sorted(self._consumer.assignment())
        loop = asyncio.get_running_loop()
        beginnings = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        for partition in partitions:
            tree = await loop.run_in_executor(
                self._writers, writable, self._settings, partition.topic, partition.partition, self._signer
            )
            self._trees[partition] = tree
            start = beginnings[partition] if tree.next_offset is None else tree.next_offset
            late = loop.time() + _END_SECONDS
            while ends[partition] < start and loop.time() < late:
                await asyncio.sleep(0.5)
                ends |= await self._consumer.end_offsets([partition])
            if not beginnings[partition] <= start <= ends[partition]:
                raise _another(tree, f"Kafka has {beginnings[partition]} to {ends[partition]}")
            if tree.last is not None and beginnings[partition] < start:
                self._unproved.add(partition)
                start = tree.last.offset
            self._consumer.seek(partition, start)
        _LOG.info("the journal goes on behind %d records", sum(tree.size for tree in self._trees.values()))

    async def run(self, stop: asyncio.Event) -> None:
        """Write what comes until ``stop``."""
        loop = asyncio.get_running_loop()
        idling = Idling(self._consumer, busy_ms=_BUSY_MS, idle_ms=_IDLE_MS)
        while not stop.is_set():
            gathered: dict[TopicPartition, list[Any]] = {}
            count, until = 0, loop.time() + self._settings.journal_seconds
            while count < _AT_ONCE and not stop.is_set() and (left := until - loop.time()) > 0:
                fetched = await self._consumer.getmany(
                    timeout_ms=int(min(left, 0.5) * 1000), max_records=_AT_ONCE - count
                )
                idling.note(bool(fetched))
                for partition, raws in fetched.items():
                    gathered.setdefault(partition, []).extend(raws)
                    count += len(raws)
            await self._write(gathered)

    async def _write(self, gathered: Mapping[TopicPartition, Sequence[Any]]) -> None:
        loop = asyncio.get_running_loop()
        done = []
        for partition, raws in gathered.items():
            entries = [Entry.of(raw) for raw in raws]
            tree = self._trees[partition]
            if partition in self._unproved:
                self._unproved.discard(partition)
                if entries[0] != tree.last:
                    raise _another(tree, "another record stands there")
                del entries[0]
            done.append(loop.run_in_executor(self._writers, tree.append, entries))
        # All of them, also where one fails: none may be at work when the trees are opened anew.
        for result in await asyncio.gather(*done, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def ready(self) -> str | None:
        """Say how far the journal is behind, where that is much."""
        behind = 0
        for partition, tree in self._trees.items():
            end = self._consumer.highwater(partition)
            behind += max(0, (end or 0) - (tree.next_offset or 0))
        return f"is {behind} records behind" if behind > self._settings.ready_lag else None


def _another(tree: WritableTree, what: str) -> PipelineStoppedError:
    offset = tree.last.offset if tree.last is not None else 0
    return PipelineStoppedError(
        f"The journal does not belong to this Kafka: it ends with offset {offset} of {tree.topic}, partition "
        f"{tree.partition}, but {what}. Where Kafka's data are lost, `dibao journal restore` writes them "
        "into a new one; where they were given up, put the journal's folder aside."
    )
