"""The pipeline on aiokafka: ``getmany`` over all partitions together."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata

from services.platform.alignment import Alignment, end_of
from services.platform.failure import Patience, is_infrastructure
from services.platform.idling import Idling
from services.platform.kafka import connection
from services.platform.monitor import attended
from services.platform.offsets import Place
from services.platform.pipeline import HEARTBEATS, OwnershipLostError, Pipeline
from services.platform.running import first_to_end, stop_consumer, to_its_end, within
from services.platform.turns import Poll, Turns

_LOG = logging.getLogger(__name__)
_POLL_MS = 200
"""How long is waited for records at a time, while others are in work or kept back."""
_LOST_PAUSE = 0.2


async def run_aiokafka(pipeline: Pipeline, stop: asyncio.Event) -> None:
    """Run the pipeline until ``stop``. Raises what ``Pipeline.process`` and ``Pipeline.load`` raise."""
    await pipeline.wait_for_servers(stop)
    if stop.is_set():
        return
    worker = _Worker(pipeline)
    try:
        with attended(f"pipeline {pipeline.handler.name}", pipeline.ready):
            if await worker.start(stop):
                await first_to_end(
                    worker.consume(), pipeline.watch(), worker.show_lag(), pipeline.until(stop)
                )
    finally:
        await to_its_end(worker.close())


class _Worker(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        tuning = pipeline.tuning
        self._consumer = AIOKafkaConsumer(
            **connection(pipeline.settings),
            group_id=pipeline.group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            metadata_max_age_ms=int(tuning.metadata_seconds * 1000),
            max_poll_records=tuning.max_records,
            max_partition_fetch_bytes=tuning.fetch_bytes,
            session_timeout_ms=int(tuning.session_seconds * 1000),
            heartbeat_interval_ms=int(tuning.session_seconds * 1000 / HEARTBEATS),
            request_timeout_ms=int(max(tuning.session_seconds * 2, 10) * 1000),
            max_poll_interval_ms=int(tuning.batch_seconds * 1000),
            rebalance_timeout_ms=int((tuning.session_seconds + tuning.revoke_seconds) * 1000),
        )
        self._alignment = Alignment(tuning.max_records)
        self._token = -1
        self._failure: BaseException | None = None
        self._ready = asyncio.Event()
        self._shown: dict[Place, int] = {}
        self._turns = Turns(self._process, tuning.max_records)
        self._failed: Exception | None = None

    async def start(self, stop: asyncio.Event) -> bool:
        """Begin, as soon as Kafka is there; False where told to stop before that."""
        tuning = self._pipeline.tuning
        patience = Patience(tuning.retry_seconds, f"Pipeline {self._pipeline.handler.name}")
        while True:
            try:
                await self._consumer.start()
                break
            except KafkaError as error:
                # It has gone since it was waited for.
                await patience.wait(error, stop)
            if stop.is_set():
                return False
        self._idling = Idling(self._consumer, busy_ms=tuning.fetch_wait_ms, idle_ms=tuning.idle_wait_ms)
        self._consumer.subscribe(topics=self._pipeline.topics, listener=self)
        return True

    async def close(self) -> None:
        await self._pipeline.revoke()
        await self._turns.abandon()
        await self._show_lag()
        await stop_consumer(self._consumer)
        await self._pipeline.close()

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._ready.clear()
        await self._pipeline.revoke()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        # aiokafka logs what a listener raises and goes on, so the error is kept for the loop to raise.
        try:
            await self._take(assigned)
        except Exception as error:
            self._failure = error
        self._ready.set()

    async def _take(self, partitions: Any) -> None:
        assignment = await self._pipeline.load([tuple(partition) for partition in partitions], self._bounds)
        still = self._consumer.assignment()
        for place, position in assignment.positions.items():
            if TopicPartition(*place) in still:
                self._consumer.seek(TopicPartition(*place), position)
        self._alignment.begin(assignment.positions)
        self._turns.forget()
        self._token = assignment.token

    async def consume(self) -> None:
        while True:
            await self._ready.wait()
            if self._failure is not None:
                raise self._failure
            try:
                await self._turns.room()
                if self._failed is not None:
                    await self._fail(self._failed)
                batches = await self._fetched()
                # Nothing runs between the taking of these records and this line, so the token is theirs: what
                # was kept from before a seek was forgotten with it.
                if batches:
                    self._turns.add(Poll(self._token, batches))
            except OwnershipLostError as lost:
                _LOG.warning("%s", lost)
                await asyncio.sleep(_LOST_PAUSE)
                await self._again()
            except (NoOffsetForPartitionError, OffsetOutOfRangeError):
                # Either of a fetch between the assignment and the seek, or the log was cut below us: ``load``
                # compares with the log and knows.
                await self._again()
            except KafkaError as error:
                if not is_infrastructure(error):
                    raise
                _LOG.warning("Kafka: %s", type(error).__name__)
                await asyncio.sleep(_LOST_PAUSE)

    async def _process(self, poll: Poll) -> None:
        if self._failed is not None:
            return
        try:
            await self._pipeline.process(poll.token, poll.batches)
        except Exception as error:
            # The one beside it, which was read already, fails because of it.
            self._failed = self._failed or error

    async def _fail(self, error: Exception) -> None:
        self._turns.forget()
        await self._turns.rest()
        self._failed = None
        raise error

    async def _fetched(self) -> Mapping[Place, Sequence[Any]]:
        """Fetch, and return what may be handed over."""
        alignment = self._alignment
        wanted = alignment.wanted([tuple(partition) for partition in self._consumer.assignment()])
        if wanted or not self._consumer.assignment():
            partitions = [TopicPartition(*place) for place in wanted]
            tuning = self._pipeline.tuning
            waiting = not self._turns.in_work and alignment.is_empty
            fetched = await self._consumer.getmany(
                *partitions,
                timeout_ms=tuning.idle_wait_ms if waiting else _POLL_MS,
                max_records=tuning.max_records,
            )
            self._idling.note(bool(fetched))
            alignment.add({tuple(partition): records for partition, records in fetched.items()})
        return alignment.ready(end_of(self._consumer), time.time())

    async def _again(self) -> None:
        if self._ready.is_set():
            await self._take(self._consumer.assignment())

    async def _bounds(self, places: Sequence[Place]) -> Mapping[Place, tuple[int, int]]:
        partitions = [TopicPartition(*place) for place in places]
        first = await self._consumer.beginning_offsets(partitions)
        last = await self._consumer.end_offsets(partitions)
        return {tuple(partition): (first[partition], last[partition]) for partition in partitions}

    async def show_lag(self) -> None:
        """Commit to the group, which nothing but displays of lag reads."""
        while True:
            await asyncio.sleep(self._pipeline.tuning.commit_seconds)
            await self._show_lag()

    async def _show_lag(self) -> None:
        held = self._pipeline.held
        assigned = self._consumer.assignment()
        news = {
            TopicPartition(*place): OffsetAndMetadata(offset, "")
            for place, offset in held.items()
            if self._shown.get(place) != offset and TopicPartition(*place) in assigned
        }
        if not news:
            return
        try:
            await within(5, self._consumer.commit(news))
        except Exception as error:
            _LOG.debug("Lag not shown: %s", type(error).__name__)
        else:
            self._shown.update({tuple(partition): held[tuple(partition)] for partition in news})
