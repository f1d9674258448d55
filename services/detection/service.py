"""Detection as a process: a Faust worker that ingests, evaluates, relays, and watches days and policy.

Two or more may run at once: Kafka deals partitions out, marks are claimed row by row, one relay works.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable
from time import monotonic

import asyncpg

from services.detection import catalogue, day, generation
from services.detection.evaluate import SWEPT, Evaluator
from services.detection.generation import GenerationMovedError, schema_of
from services.detection.ingest import Ingest
from services.detection.large import Large
from services.detection.rules import ALL, RuleSet
from services.detection.sweep import sweep
from services.detection.tables import INDEXES_ONLY
from services.platform.authorship import LogKeys
from services.platform.database import Pool, open_pool, retry_connect
from services.platform.failure import Patience
from services.platform.fault import Fault
from services.platform.faust_transport import run_faust
from services.platform.outbox import Relay
from services.platform.pipeline import Pipeline, Tuning
from services.platform.producer import open_producer
from services.platform.running import first_to_end, pause, within
from services.platform.settings import Settings
from services.platform.tables import create_tables

_LOG = logging.getLogger(__name__)

Transport = Callable[[Pipeline, asyncio.Event], Awaitable[None]]

SMALLEST, LARGEST = 250, 2000
"""Marks worked off in one transaction: few while idle, for latency; many under load, for throughput."""

BATCH = 6000
"""Facts of a backlog that are taken in at once: a subject is looked at once for all of its facts in them."""

_LOCKS_A_FACT = 16
"""Room for locks that is wanted for each fact of a batch: it takes some 1.7, and others need theirs."""

_POLL_SECONDS = 1.0
_TICK_SECONDS = 0.5
_REBUILT_SECONDS = 1.0
_SWEPT_SECONDS = 2.0
_SWEEP_SECONDS = 0.03
"""How long a transaction of swept subjects is to take: live facts come between them."""
_RESTS = 2.0
"""For how many times as long nobody is swept afterwards, while live facts come: they need the machine."""
_LARGE_SECONDS = 2.0


async def serve(
    settings: Settings, stop: asyncio.Event, transport: Transport = run_faust, rules: RuleSet = ALL
) -> None:
    """Detect until ``stop``. After a rebuild's swap the new generation is opened.

    Other ``rules`` than all are for measurements: a generation does not know which ones filled it.
    """
    while not stop.is_set():
        number = await _live(settings, stop)
        if number is None:
            return
        try:
            await _Worker(settings, number, transport, rules).run(stop)
        except (GenerationMovedError, asyncpg.UndefinedTableError):
            # A rebuild drops the old generation's tables: whoever meets that first says it in its own way.
            if await _live(settings, stop) == number:
                raise
            _LOG.info("Detection's generation %d was replaced: opening the new one", number)


async def _live(settings: Settings, stop: asyncio.Event) -> int | None:
    """Return the live generation, whose tables are there and filled by this code; None where told to stop.

    One of other code is left alone until a rebuild has put the next in its place: what is in it would not
    be what these rules read, and what they read might not be in it.
    """
    told = False
    connection = await retry_connect(settings.database_url)
    try:
        await create_tables(connection)
        await catalogue.publish(connection)
        while not stop.is_set():
            number = await generation.live(connection)
            if not await generation.exists(connection, number):
                await generation.create(connection, schema_of(number))
            if await generation.filled_by_this_code(connection, number):
                return number
            if not told:
                _LOG.warning(
                    "Generation %d of detection was filled by other facts and rules than this version's: "
                    "detection waits for `dibao rebuild detection` (dibao up does it)",
                    number,
                )
                told = True
            await pause(_REBUILT_SECONDS, stop)
        return None
    finally:
        await connection.close()


class _Worker:
    def __init__(self, settings: Settings, number: int, transport: Transport, rules: RuleSet) -> None:
        self._settings = settings
        self._number = number
        self._transport = transport
        self._fault = Fault(settings.fault)
        self._keys = LogKeys.from_settings(settings)
        self._woken = asyncio.Event()
        self._large = Large()
        self._evaluator = Evaluator(
            generation=number,
            large=self._large,
            rules=rules,
            topic_prefix=settings.topic_prefix,
            before_commit=lambda: self._fault.here("detection.evaluated"),
        )

    async def run(self, stop: asyncio.Event) -> None:
        settings, schema = self._settings, schema_of(self._number)
        ingesting = await open_pool(
            settings.database_url, size=2, schema=schema, lively=True, planner=INDEXES_ONLY
        )
        working = await open_pool(
            settings.database_url, size=3, schema=schema, lively=True, planner=INDEXES_ONLY
        )
        producer = await open_producer(settings, linger_ms=0)
        relay = Relay(settings.database_url, schema, producer, self._keys, self._fault)

        def woken(left: bool, found: bool) -> None:
            if left:
                self._woken.set()
            if found:
                relay.wake()

        ingest = Ingest(self._number, self._evaluator, woken)
        pipeline = Pipeline(
            settings, ingesting, ingest, Tuning(max_records=batch_size(await lock_room(ingesting, stop)))
        )
        try:
            await first_to_end(
                self._ingest(pipeline, stop),
                self._evaluate(working, relay, ingest, stop),
                self._look_at_large(working, relay, stop),
                self._watch(working, ingest, stop),
                relay.run(stop),
            )
        finally:
            with contextlib.suppress(TimeoutError):
                await within(10, producer.stop())
            for pool in (ingesting, working):
                await _close(pool)

    async def _ingest(self, pipeline: Pipeline, stop: asyncio.Event) -> None:
        await self._transport(pipeline, stop)

    async def _evaluate(self, pool: Pool, relay: Relay, ingest: Ingest, stop: asyncio.Event) -> None:
        patience = Patience(math.inf, "Detection's evaluation")
        limit, swept = SMALLEST, SWEPT
        swept_at = monotonic()
        while not stop.is_set():
            self._woken.clear()
            try:
                # A backlog may bring a policy a year: each subject is swept once for all of them, at its end.
                # But whoever is always behind sweeps too, a little.
                sweeping = not ingest.behind or monotonic() - swept_at > _SWEPT_SECONDS
                async with pool.acquire(timeout=10) as connection:
                    done = await self._evaluator.work_live(connection, limit)
                    began = monotonic()
                    if sweeping and not done:
                        swept_at = began
                        turn = LARGEST if ingest.idle else swept
                        swept_now = await self._evaluator.work_swept(connection, turn)
                    else:
                        swept_now = 0
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            if done:
                relay.wake()
                limit = min(limit * 2, LARGEST) if done >= limit else SMALLEST
            elif swept_now:
                relay.wake()
                if not ingest.idle:
                    took = monotonic() - began
                    # A large household takes a hundred times as long as a small one.
                    swept = max(1, min(SWEPT, int(min(turn, SWEPT) * _SWEEP_SECONDS / took) + 1))
                    await pause(took * _RESTS, self._woken)
            else:
                await pause(_POLL_SECONDS, self._woken)

    async def _look_at_large(self, pool: Pool, relay: Relay, stop: asyncio.Event) -> None:
        """Evaluate large subjects one by one, for a part of the time."""
        patience = Patience(math.inf, "Detection's evaluation of large subjects")
        while not stop.is_set():
            began = monotonic()
            try:
                async with pool.acquire(timeout=10) as connection:
                    done = await self._evaluator.work_large(connection)
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            if done:
                relay.wake()
                self._large.rest(monotonic() - began)
            await pause(self._large.resting() if done else _LARGE_SECONDS, stop)

    async def _watch(self, pool: Pool, ingest: Ingest, stop: asyncio.Event) -> None:
        """Apply closed days, wake who is due, and sweep after policy changes."""
        patience = Patience(math.inf, "Detection's calendar")
        while not stop.is_set():
            try:
                async with pool.acquire(timeout=10) as connection:
                    await day.apply_days(connection, self._number, self._evaluator.rules)
                    marked = await day.wake(connection)
                    left = await sweep(connection)
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            if marked or left:
                self._woken.set()
            busy = (marked or left) and not ingest.behind
            await pause(0.01 if busy else _TICK_SECONDS, stop)


def batch_size(room: int) -> int:
    """Return how many facts may be taken in at once, where PostgreSQL has room for so many locks."""
    return max(SMALLEST, min(BATCH, room // _LOCKS_A_FACT))


async def lock_room(pool: Pool, stop: asyncio.Event) -> int:
    """Return for how many locks PostgreSQL has room, 6,400 as it is installed; 0 if told to ``stop``."""
    patience = Patience(math.inf, "Detection's start")
    while not stop.is_set():
        try:
            async with pool.acquire(timeout=10) as connection:
                return int(await connection.fetchval(_LOCK_ROOM))
        except Exception as error:
            await patience.wait(error, stop)
    return 0


_LOCK_ROOM = """
select current_setting('max_locks_per_transaction')::int
    * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
"""


async def _close(pool: Pool) -> None:
    try:
        await within(10, pool.close())
    except TimeoutError:
        pool.terminate()
