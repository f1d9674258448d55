"""One schedule's world: the loop, the models, processes that die and stand still, and the code on them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import httpx

from services.alerting import deciding, delivering
from services.alerting import service as alerting
from services.alerting.settings import AlertingSettings
from services.detection import evaluate, ingest, service
from services.platform import aiokafka_transport, idling, outbox, pipeline
from services.platform.authorship import LogKeys
from services.platform.keys import Keys
from services.platform.settings import Settings
from tests.simulation import statements
from tests.simulation.choices import Choices, Drawn
from tests.simulation.faults import Faults
from tests.simulation.kafka import Broker, ModelConsumer, ModelLogWatch, ModelProducer
from tests.simulation.loop import Process, SimulatedLoop
from tests.simulation.postgres import ModelPool, Server, connect
from tests.simulation.receiver import ModelReceiver, ModelTransport
from tests.simulation.statements import EPOCH

KEYS = LogKeys([b"k" * 32])
"""The log keys of every world."""

MASTER = Keys.of(bytes(range(32)))
"""The keys of every world's deployment."""

TUNING = pipeline.Tuning(
    max_records=5, session_seconds=1.5, watch_seconds=4, commit_seconds=2.0, revoke_seconds=1.0
)

ALERTING = AlertingSettings(
    pages="https://dibao.example.cn",
    tries=1000,
    first_seconds=0.5,
    longest_seconds=4.0,
    timeout_seconds=2.0,
    keep_months=0,
)
"""Alerting in a hurry as well, and so patient that nothing is ever parked. It forgets nothing here."""

_CURRENT: list[World] = []

Work = Callable[["World", asyncio.Event], Coroutine[Any, Any, None]]
"""What a worker does until it is told to stop."""


class WrongError(Exception):
    """Something is so that must never be; the message says what."""


class World:
    """Servers and workers of one schedule."""

    def __init__(self, plan: Choices, chance: Choices, topics: Mapping[str, int]) -> None:
        self.plan = plan
        self.chance = chance
        self.loop = SimulatedLoop(chance)
        self.faults = Faults(chance)
        self.kafka = Broker(self.loop, chance, self.faults, topics, epoch=EPOCH)
        self.postgres = Server(self.loop, chance, self.faults, _STATEMENTS)
        self.receivers: dict[str, ModelReceiver] = {}
        """Who is told by webhooks, by the host's name."""
        self.workers: dict[str, Process] = {}
        self.told: list[str] = []
        """What happened, for whoever reads a schedule that fails."""
        self.stops: dict[str, asyncio.Event] = {}
        self._count = 0

    def say(self, what: str) -> None:
        """Note what happened."""
        if not self.loop.is_closed():
            self.told.append(f"{self.loop.time():8.3f} {what}")

    def wrong(self, what: str) -> None:
        """Say that a promise is broken: the schedule ends here."""
        if self.loop.is_closed():
            return
        self.say(f"WRONG: {what}")
        if self.loop.failure is None:
            self.loop.failure = WrongError(what)

    @property
    def drawn(self) -> Drawn:
        """The choices that were made."""
        return self.plan.taken, self.chance.taken

    def start(self, name: str, work: Work) -> Process:
        """Start a worker; whatever it raises is wrong."""
        self._count += 1
        process = self.workers[name] = self.loop.process(f"{name}.{self._count}")
        self.say(f"{process.name} starts")
        self.loop.spawn(process, self._guarded(name, process, work))
        return process

    async def _guarded(self, name: str, process: Process, work: Work) -> None:
        # Made here, so that whoever waits for it is of this process.
        stop = self.stops[name] = asyncio.Event()
        try:
            await work(self, stop)
        except Exception as error:
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            self.wrong(f"{process.name} ended: {type(error).__name__}: {error}")
        else:
            if not stop.is_set():
                self.wrong(f"{process.name} ended, and nobody had told it to")
        self.say(f"{process.name} has ended")
        process.die()

    def kill(self, name: str, steps: int = 0) -> None:
        """Let a worker die, now or after so many of its steps."""
        process = self.workers[name]
        self.say(f"{process.name} dies" + (f" after {steps} steps" if steps else ""))
        if steps:
            process.fuse = steps
        else:
            process.die()

    def alive(self, name: str) -> bool:
        """Whether a worker lives."""
        return name in self.workers and self.workers[name].alive

    def pool(self, size: int = 4) -> ModelPool:
        """A pool of the process that asks for it, as ``open_pool`` makes it, lively."""
        return ModelPool(self.postgres, size=size)


_STATEMENTS = statements.every()


def world() -> World:
    """The world in which the code runs now."""
    return _CURRENT[-1]


class _Datetime(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        loop = world().loop
        return datetime.fromtimestamp(EPOCH + loop.time() + loop.current.clock, tz or UTC)


class _Clock:
    """Python's ``time``, of a process whose clock may be wrong."""

    @staticmethod
    def time() -> float:
        loop = world().loop
        return EPOCH + loop.time() + loop.current.clock

    @staticmethod
    def monotonic() -> float:
        # It stands still for nobody: each step takes a moment.
        return world().loop.time() + world().loop.steps * 1e-6


async def _cluster_id(settings: Settings, *, seconds: float = 0) -> str:
    return str(await world().kafka.ask(lambda: "model"))


async def _check_topics(settings: Settings, topics: Sequence[str]) -> None:
    await world().kafka.ask(lambda: None)


async def _retry_connect(url: str, *, seconds: float = 30) -> Any:
    return await connect(world().postgres)


async def _open_pool(url: str, *, size: int = 4, **_: Any) -> Any:
    return world().pool(size)


async def _open_producer(settings: Settings, **_: Any) -> Any:
    return ModelProducer(world().kafka)


def _pipeline(settings: Settings, pool: Any, handler: Any, tuning: Any = None) -> pipeline.Pipeline:
    """A pipeline as it runs here: in a hurry, which changes no result."""
    return pipeline.Pipeline(settings, pool, handler, TUNING)


def _client(**options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=ModelTransport(world().receivers), **options)


def _chance() -> float:
    return world().chance.draw(10) / 10


_SEAMS: tuple[tuple[Any, str, Any], ...] = (
    (pipeline, "LogWatch", lambda settings: ModelLogWatch(world().kafka)),
    (pipeline, "cluster_id", _cluster_id),
    (pipeline, "check_topics", _check_topics),
    (pipeline, "monotonic", _Clock.monotonic),
    (pipeline, "time", _Clock.time),
    (idling, "monotonic", _Clock.monotonic),
    (aiokafka_transport, "AIOKafkaConsumer", lambda **options: ModelConsumer(world().kafka, **options)),
    (aiokafka_transport, "time", _Clock),
    (outbox, "retry_connect", _retry_connect),
    (service, "open_pool", _open_pool),
    (service, "open_producer", _open_producer),
    (service, "Pipeline", _pipeline),
    (service, "monotonic", _Clock.monotonic),
    (ingest, "monotonic", _Clock.monotonic),
    (evaluate, "perf_counter", _Clock.monotonic),
    (LogKeys, "from_settings", lambda settings: KEYS),
    (Keys, "from_settings", lambda settings: MASTER),
    (alerting, "open_pool", _open_pool),
    (alerting, "Pipeline", _pipeline),
    (alerting, "AlertingSettings", lambda: ALERTING),
    (deciding, "datetime", _Datetime),
    (delivering, "datetime", _Datetime),
    (delivering, "time", _Clock),
    # So little that who is slow is overtaken: in a schedule of a minute as often as else in years.
    (delivering, "_LEASE_SECONDS", 0.2),
    (delivering, "httpx", SimpleNamespace(AsyncClient=_client)),
    (delivering, "random", SimpleNamespace(random=_chance)),
)
"""Where the code meets its servers and clocks: nothing else of it is another than in production."""


@contextmanager
def seams() -> Iterator[None]:
    """Put the models where the code expects its servers."""
    patches = [mock.patch.object(*seam) for seam in _SEAMS]
    logger = logging.getLogger("services")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        logger.setLevel(level)
        for patch in reversed(patches):
            patch.stop()


@contextmanager
def inside(one: World) -> Iterator[None]:
    """Run in a world."""
    _CURRENT.append(one)
    try:
        yield
    finally:
        _CURRENT.pop()


def producer() -> ModelProducer:
    """A producer of the process that asks for it."""
    return ModelProducer(world().kafka)
