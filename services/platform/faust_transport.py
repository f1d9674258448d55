"""The pipeline on Faust, with a batch consumer.

Faust's own delivery loses what a handler fails on, commits past unprocessed events, and spends most of its
time a message at a time. So of Faust we use the worker (group, rebalance, agent, flow control), and replace
four things in its Kafka consumer: what is fetched becomes one message for each (partition, poll); positions
come from PostgreSQL; acknowledgements mean nothing, and the group's commits are what PostgreSQL holds;
what is fetched and not yet processed is bounded by ``Turns``, not by Faust's queues.

``tests/services/platform/test_faust_pins.py`` fails when the internals that are overridden move.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

import faust
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.app.base import BootStrategy
from faust.auth import OAuthCredentials, SASLCredentials, SSLCredentials
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage
from mode.threads import WorkerThread
from yarl import URL

from services.platform.alignment import Alignment, end_of
from services.platform.failure import is_infrastructure
from services.platform.idling import Idling
from services.platform.kafka import RETRY_MS, connection
from services.platform.monitor import attended
from services.platform.offsets import Place
from services.platform.pipeline import HEARTBEATS, OwnershipLostError, Pipeline
from services.platform.running import first_to_end, stop_consumer, to_its_end, within
from services.platform.settings import Settings
from services.platform.turns import Poll, Turns

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 0.5
_NOTHING_ASSIGNED_PAUSE = 0.02
_LOST_PAUSE = 0.2
_BEGIN_PAUSE = 0.01
_BEGIN_SECONDS = 10.0
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


async def run_faust(pipeline: Pipeline, stop: asyncio.Event) -> None:
    """Run the pipeline until ``stop``. Raises what ``Pipeline.process`` and ``Pipeline.load`` raise."""
    await pipeline.wait_for_servers(stop)
    if stop.is_set():
        return
    app = _App(pipeline)
    try:
        with attended(f"pipeline {pipeline.handler.name}", pipeline.ready):
            await first_to_end(app.run(), pipeline.watch(), pipeline.until(stop))
    finally:
        await to_its_end(_end(app, pipeline))


async def _end(app: "_App", pipeline: Pipeline) -> None:
    await pipeline.revoke()
    try:
        await within(_STOP_SECONDS, app.stop())
    finally:
        await app.abandon()
        await pipeline.close()


class _Dealt(Poll):
    """A poll that Faust hands on partition by partition; ``left``: how many of them are still to come."""

    __slots__ = ("left",)

    def __init__(self, token: int, batches: Mapping[Place, Sequence[Any]]) -> None:
        super().__init__(token, batches)
        self.left = len(batches)


class _Schema(faust.Schema):  # type: ignore[misc]
    """Hands a message's value over as it is: the pipeline decodes, and knows what an error means."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        return message.value


class _Expendable(WorkerThread):  # type: ignore[misc]
    """A thread that does not keep the process: a client that does not stop must not hold up its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True


class BatchThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that owns the Kafka client. ``token``, which only it writes, is that of the last seek."""

    Worker = _Expendable
    token = -1

    def __init__(self, consumer: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(consumer, *args, **kwargs)
        self.alignment = Alignment(consumer.app.pipeline.tuning.max_records)
        self._idling: Idling | None = None

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust hard-codes 1,500 ms, the wait of every record whose partition was being read.
        consumer._fetch_max_wait_ms = self.consumer.pipeline.tuning.fetch_wait_ms
        # Nor does it say how often to try again.
        consumer._retry_backoff_ms = RETRY_MS
        consumer._client._retry_backoff = RETRY_MS / 1000
        return consumer

    async def stop(self) -> None:
        """Stop, also where the thread is made but has not begun: Faust would pass it over, and it stayed."""
        async with asyncio.timeout(_BEGIN_SECONDS):
            # the event is the thread's own, which cannot be awaited here
            while self._thread_started.is_set() and not self._started.is_set():  # noqa: ASYNC110
                await asyncio.sleep(_BEGIN_PAUSE)
        await super().stop()

    async def on_thread_stop(self) -> None:
        """Stop the queue of calls, then the client, also while Kafka is away."""
        if self._method_queue is not None:
            await self._method_queue.stop()
        if self._consumer is not None:
            await stop_consumer(self._consumer)

    async def _commit(self, offsets: Mapping[Any, int]) -> bool:
        # Faust crashes the worker where this fails; to us it is a display of lag.
        try:
            consumer = self._ensure_consumer()
            assigned = consumer.assignment()
            news = {driver.ensure_aiokafka_TP(tp): offset for tp, offset in offsets.items()}
            news = {tp: offset for tp, offset in news.items() if tp in assigned}
            if news:
                await within(5, consumer.commit(news))
        except Exception as error:
            _LOG.debug("Lag not shown: %s", type(error).__name__)
            return False
        return True

    async def seek_all(self, token: int, positions: Mapping[Place, int]) -> None:
        """Seek in the thread; what is fetched afterwards carries ``token``."""
        await self.call_thread(self._seek_all, token, positions)

    async def _seek_all(self, token: int, positions: Mapping[Place, int]) -> None:
        if token < self.token:
            return
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        for place, position in positions.items():
            partition = driver.TopicPartition(*place)
            if partition in assigned:
                consumer.seek(partition, position)
        self.alignment.begin(positions)
        self.token = token

    async def fetch(self, active: set[Any]) -> _Dealt:
        """Return what is there, or came within half a second."""
        poll: _Dealt = await self.call_thread(self._fetch, active)
        return poll

    async def _fetch(self, active: set[Any]) -> _Dealt:
        alignment, consumer = self.alignment, self._ensure_consumer()
        wanted = {TP(*place) for place in alignment.wanted([tuple(tp) for tp in active])}
        if wanted:
            records = await self._fetch_records(
                consumer, wanted, timeout=_POLL_SECONDS, max_records=self.consumer.pipeline.tuning.max_records
            )
            alignment.add({tuple(tp): found for tp, found in records.items()})
            if self._idling is None:
                tuning = self.consumer.pipeline.tuning
                self._idling = Idling(consumer, busy_ms=tuning.fetch_wait_ms, idle_ms=tuning.idle_wait_ms)
            self._idling.note(bool(records))
        # No other coroutine of this thread ran since the records were taken, so the token is theirs: what was
        # kept from before a seek was forgotten with it.
        return _Dealt(self.token, alignment.ready(end_of(consumer), time.time()))


class BatchConsumer(driver.Consumer):  # type: ignore[misc]
    """Faust's Kafka consumer, with batches for messages and PostgreSQL for positions."""

    _thread: BatchThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pipeline: Pipeline = self.app.pipeline
        self.turns: Turns = self.app.turns
        self._shown: dict[Place, int] = {}

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(
        self,
        timeout: float,  # noqa: ASYNC109  the signature is Faust's
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Yield one message for each partition of one poll; its value is the poll."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        await self.turns.room()
        # A copy: fetching goes on in the other thread, while rebalances change the set in this one.
        active = set(self._get_active_partitions())
        if not active:
            await self.sleep(_NOTHING_ASSIGNED_PAUSE)
            return
        try:
            poll = await self._thread.fetch(active)
        except (driver.ConsumerStoppedError, asyncio.CancelledError):
            raise
        except Exception as error:
            await self.fetch_failed(error)
            return
        if self.should_stop or not self.flow_active or not poll.batches:
            return
        for place, records in poll.batches.items():
            tp = TP(*place)
            last = records[-1]
            # Faust passes over what it believes to have read; positions are none of its business.
            self._read_offset[tp] = None
            yield (
                tp,
                ConsumerMessage(
                    topic=tp.topic,
                    partition=tp.partition,
                    offset=last.offset,
                    timestamp=last.timestamp / 1000,
                    timestamp_type=last.timestamp_type,
                    headers=None,
                    key=None,
                    value=poll,
                    checksum=None,
                    serialized_key_size=0,
                    serialized_value_size=0,
                    tp=tp,
                    generation_id=self.app.consumer_generation_id,
                ),
            )

    async def fetch_failed(self, error: Exception) -> None:
        """Go on after a fetch that a seek can mend, or that came between the assignment and the seek."""
        if isinstance(error, (NoOffsetForPartitionError, OffsetOutOfRangeError)):
            if self.app.rebalancing:
                await self.sleep(_NOTHING_ASSIGNED_PAUSE)
            else:
                await self.seek_to_committed()
        elif is_infrastructure(error):
            await self.sleep(_LOST_PAUSE)
        else:
            self.app.fail(error)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to PostgreSQL's offsets."""
        try:
            places = [tuple(tp) for tp in self.assignment()]
            assignment = await self.pipeline.load(places, self._bounds)
            await self._thread.seek_all(assignment.token, assignment.positions)
        except Exception as error:
            self.app.fail(error)
            raise
        self.turns.forget()
        return {TP(*place): position for place, position in assignment.positions.items()}

    async def _bounds(self, places: Sequence[Place]) -> Mapping[Place, tuple[int, int]]:
        partitions = [driver.TopicPartition(*place) for place in places]
        first = await self._thread.earliest_offsets(*partitions)
        last = await self._thread.highwaters(*partitions)
        return {tuple(tp): (first[tp], last[tp]) for tp in partitions}

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop the flow, then give the partitions up."""
        await super().on_partitions_revoked(revoked)
        await self.pipeline.revoke()

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Tell the group what PostgreSQL holds."""
        news = {
            TP(*place): offset
            for place, offset in self.pipeline.held.items()
            if self._shown.get(place) != offset
        }
        if not news or not await self._commit(news):
            return False
        self._shown.update({tuple(tp): offset for tp, offset in news.items()})
        return True

    def ack(self, message: Any) -> bool:
        """Mean nothing: the transaction has moved the offsets."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep no account of offsets."""

    def on_buffer_full(self, tp: TP) -> None:
        """Keep fetching: polls are bounded instead."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Look for no livelock in offsets that are not kept here. ``Pipeline.watch`` looks instead."""


class _Transport(driver.Transport):  # type: ignore[misc]
    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer


class _BootStrategy(BootStrategy):  # type: ignore[misc]
    enable_web = False
    enable_kafka_producer = False


def _credentials(settings: Settings) -> Any:
    told = connection(settings)
    secured = told["security_protocol"]
    if secured == "PLAINTEXT":
        return None
    if secured == "SSL":
        return SSLCredentials(context=told["ssl_context"])
    if told["sasl_mechanism"] == "OAUTHBEARER":
        return OAuthCredentials(
            oauth_cb=told["sasl_oauth_token_provider"], ssl_context=told.get("ssl_context")
        )
    return SASLCredentials(
        username=told["sasl_plain_username"],
        password=told["sasl_plain_password"],
        mechanism=told["sasl_mechanism"],
        ssl_context=told.get("ssl_context"),
    )


class _App(faust.App):  # type: ignore[misc]
    """A Faust app of one agent, inside our event loop: no worker, so signals and logging stay ours."""

    BootStrategy = _BootStrategy

    def __init__(self, pipeline: Pipeline) -> None:
        tuning = pipeline.tuning
        self.pipeline = pipeline
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.turns = Turns(self._process, tuning.max_records)
        request_seconds = max(min(tuning.retry_seconds, 60) + 30, tuning.session_seconds * 2)
        super().__init__(
            pipeline.group,
            broker_credentials=_credentials(pipeline.settings),
            broker=[URL(f"kafka://{server.strip()}") for server in pipeline.settings.kafka.split(",")],
            store="memory://",
            autodiscover=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            stream_wait_empty=False,
            stream_recovery_delay=0.0,
            consumer_auto_offset_reset="none",
            consumer_max_fetch_size=tuning.fetch_bytes,
            consumer_metadata_max_age_ms=int(tuning.metadata_seconds * 1000),
            broker_max_poll_records=tuning.max_records,
            broker_max_poll_interval=tuning.batch_seconds,
            broker_session_timeout=tuning.session_seconds,
            broker_heartbeat_interval=tuning.session_seconds / HEARTBEATS,
            broker_rebalance_timeout=tuning.session_seconds + tuning.revoke_seconds,
            broker_request_timeout=request_seconds,
            broker_commit_interval=tuning.commit_seconds,
        )
        topic = self.topic(*pipeline.topics, schema=_Schema(), internal=False)
        self.agent(topic, name=f"{pipeline.group}.batches", concurrency=1)(self._batches)

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self, loop=self.loop)

    async def abandon(self) -> None:
        """Give up the batches in work, if the pipeline's grace did not suffice for them."""
        await self.turns.abandon()

    def _create_directories(self) -> None:
        """Faust keeps tables in a folder; there are none."""

    def fail(self, error: BaseException) -> None:
        """End ``run`` with this error."""
        if not self._failed.done():
            self._failed.set_exception(error)
            # Where another part of the process ended first nobody asks any more: no fault to be told.
            self._failed.exception()

    async def run(self) -> None:
        """Start, and raise what fails."""
        async with asyncio.timeout(_START_SECONDS):
            await self.start()
        crashed = asyncio.ensure_future(self._crashed.wait())
        try:
            await asyncio.wait({crashed, self._failed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            crashed.cancel()
        if self._failed.done():
            self._failed.result()
        raise self.crash_reason or RuntimeError("Faust stopped")

    async def _batches(self, stream: Any) -> None:
        async for poll in stream:
            poll.left -= 1
            if not poll.left:
                self.turns.add(poll)

    async def _process(self, poll: Poll) -> None:
        if self._failed.done():
            return
        try:
            await self.pipeline.process(poll.token, poll.batches)
        except OwnershipLostError as lost:
            _LOG.warning("%s", lost)
            await self._again(self.consumer)
        except Exception as error:
            self.fail(error)

    async def _again(self, consumer: BatchConsumer) -> None:
        await asyncio.sleep(_LOST_PAUSE)
        if self.rebalancing:
            return
        # It has told what failed.
        with contextlib.suppress(Exception):
            await consumer.seek_to_committed()
