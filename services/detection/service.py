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
from services.platform.pipeline import Pipeline
from services.platform.producer import open_producer
from services.platform.running import first_to_end, pause, within
from services.platform.settings import Settings
from services.platform.tables import create_tables

_LOG = logging.getLogger(__name__)

Transport = Callable[[Pipeline, asyncio.Event], Awaitable[None]]

SMALLEST, LARGEST = 250, 2000
"""Marks worked off in one transaction: few while idle, for latency; many under load, for throughput."""

_POLL_SECONDS = 1.0
_TICK_SECONDS = 0.5
_REBUILT_SECONDS = 1.0
_SWEPT_SECONDS = 2.0
_SWEEP_SECONDS = 0.03
"""How long a transaction of swept subjects is to take: live facts come between them."""
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
        producer = await open_producer(settings)
        relay = Relay(settings.database_url, schema, producer, self._keys, self._fault)

        def woken(left: bool, found: bool) -> None:
            if left:
                self._woken.set()
            if found:
                relay.wake()

        ingest = Ingest(self._number, self._evaluator, woken)
        pipeline = Pipeline(settings, ingesting, ingest)
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
                began = monotonic()
                async with pool.acquire(timeout=10) as connection:
                    done = await self._evaluator.work(connection, limit, swept=swept if sweeping else 0)
                swept_at = monotonic() if sweeping else swept_at
                if ingest.idle:
                    swept = LARGEST
                elif sweeping and done:
                    # A large household takes a hundred times as long as a small one.
                    share = _SWEEP_SECONDS / (monotonic() - began)
                    swept = max(1, min(SWEPT, int(min(swept, SWEPT) * share) + 1))
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            if done:
                relay.wake()
                limit = min(limit * 2, LARGEST) if done >= limit else SMALLEST
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


async def _close(pool: Pool) -> None:
    try:
        await within(10, pool.close())
    except TimeoutError:
        pool.terminate()
