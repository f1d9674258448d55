"""How far the pipelines are: lag of each, depth of the queues, and waiting until all of it is done."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg
from aiokafka import TopicPartition

from deploy.local.errors import StackError
from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS, intake_topic
from projections.schema import CONSUMED as PROJECTED
from projections.schema import PIPELINE as PROJECTOR
from projections.schema import POSITIONS
from services.alerting.handler import NAME as ALERTING
from services.alerting.handler import VERSION as ALERTING_VERSION
from services.alerting.handler import Taking
from services.detection.facts import CONTEXTS as DETECTED
from services.detection.generation import NAME as DETECTION
from services.detection.status import detection_status
from services.intake.backlog import STALL_SECONDS
from services.platform import offsets
from services.platform.database import Connection
from services.platform.growing import Reader
from services.platform.kafka import administration
from services.platform.log import end_offsets, topics_of
from services.platform.provenance import forged_count
from services.platform.settings import Settings
from services.projector.generation import NAME as PROJECTION
from services.projector.generation import rebuild_due

_SAMPLE_SECONDS = 0.5


class StandstillError(StackError):
    """Nothing is taken from an intake topic, though records wait; the message says which, and what to do."""


class RebuildDueError(StackError):
    """What other code has filled is not gone on with, so there is nothing to wait for before a rebuild."""


class Taken(NamedTuple):
    """How far an intake topic is taken: records taken, and records that wait."""

    offset: int
    lag: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What is left to do at one moment.

    ``lags``: records of the log not yet consumed, by pipeline; ``taken``: how far the intake topics are, by
    context; ``detection``: as ``detection_status`` says; ``recorded``: records on the log, all topics;
    ``lost``: facts that Kafka had acknowledged and then lost, which have to be handed over again; ``forged``:
    records that were refused, because none of dibao's processes wrote them; ``untold``: announcements that
    alerting has not taken yet; ``due``: what must be rebuilt before it goes on, as other code has filled it.
    """

    lags: Mapping[str, int]
    taken: Mapping[str, Taken]
    detection: Mapping[str, Any]
    recorded: int
    lost: int = 0
    forged: int = 0
    untold: int = 0
    due: tuple[str, ...] = ()

    @property
    def intake(self) -> int:
        """Records on intake topics not yet taken."""
        return sum(topic.lag for topic in self.taken.values())

    @property
    def left(self) -> int:
        """Everything that is left, in records, marks, messages, sweeps and days."""
        found = self.detection
        waiting = found["dirty"] + found["outbox"] + len(found["sweeps"]) + found.get("days_waiting", 0)
        return sum(self.lags.values()) + self.intake + int(waiting)

    def sentence(self) -> str:
        """Say in one line what is left."""
        if self.due:
            commands = " and ".join(f"`dibao rebuild {name}`" for name in self.due)
            return (
                f"a rebuild of {' and '.join(self.due)} is due, as other code than this has filled it: "
                f"`dibao up` does it, or {commands}"
            )
        lags = ", ".join(f"{name} {lag:,} behind" for name, lag in self.lags.items())
        found = self.detection
        more = f"; {self.intake:,} on intake topics" if self.intake else ""
        return (
            f"{self.recorded:,} records on the log; {lags}; {found['dirty']:,} subjects to evaluate, "
            f"{found['outbox']:,} announcements to send{more}"
        )


async def progress(settings: Settings, pool: asyncpg.Pool) -> Progress:
    """Return what is left to do now."""
    ends = await end_offsets(settings, CONTEXTS)
    found = await detection_status(pool)
    lags: dict[str, int] = {}
    for name, version, contexts in (
        (DETECTION, found["generation"] or 1, DETECTED),
        (PROJECTOR, POSITIONS, PROJECTED),
    ):
        held = await offsets.positions(pool, name, version)
        lags[name] = offsets.behind(ends, held, topics_of(settings, contexts))
    lost = int(await pool.fetchval("SELECT coalesce(sum(facts), 0) FROM intake.loss"))
    forged = await forged_count(pool)
    due = [DETECTION] if found.get("rebuild_due") else []
    async with pool.acquire() as connection:
        due += [PROJECTION] if await rebuild_due(connection) else []
    told = await offsets.positions(pool, ALERTING, ALERTING_VERSION)
    untold = offsets.behind(ends, told, topics_of(settings, Taking.contexts))
    taken = await _taken(settings)
    return Progress(lags, taken, found, sum(ends.values()), lost, forged, untold, tuple(due))


async def readers(connection: Connection) -> list[Reader]:
    """Return the pipelines that read facts now."""
    found = await connection.fetchval("SELECT live FROM platform.generation WHERE name = $1", DETECTION)
    return [
        Reader(DETECTION, found or 1, DETECTED),
        Reader(PROJECTOR, POSITIONS, PROJECTED),
    ]


async def _taken(settings: Settings) -> dict[str, Taken]:
    # An intake context's group has the name of its topic.
    ends = await end_offsets(settings, [f"intake.{context}" for context in UPSTREAM_CONTEXTS])
    async with administration(settings) as admin:
        taken: dict[str, Taken] = {}
        for context in UPSTREAM_CONTEXTS:
            topic = intake_topic(settings.topic_prefix, context)
            committed = await admin.list_consumer_group_offsets(topic)
            offset = lag = 0
            for (name, partition), end in ends.items():
                if name == topic:
                    held = committed.get(TopicPartition(name, partition))
                    at = max(0, held.offset) if held is not None else 0
                    offset, lag = offset + at, lag + end - at
            taken[context] = Taken(offset, lag)
        return taken


class _Watch:
    """Notices an intake topic that stands still over a backlog, from one sample to the next."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._moved: dict[str, tuple[int, float]] = {}

    def look(self, settings: Settings, taken: Mapping[str, Taken]) -> None:
        now = time.monotonic()
        for context, topic in taken.items():
            offset, since = self._moved.get(context, (-1, now))
            if not topic.lag or topic.offset != offset:
                self._moved[context] = topic.offset, now
            elif now - since >= self._seconds:
                name = intake_topic(settings.topic_prefix, context)
                raise StandstillError(
                    f"{topic.lag:,} records wait on {name}, and none was taken for {now - since:.0f} s: "
                    f"`dibao status` says whether the service of {context} runs, and what it waits for."
                )


async def wait_until_done(
    settings: Settings,
    pool: asyncpg.Pool,
    *,
    patience: float,
    tell: Callable[[Progress], None] | None = None,
    standstill: float = STALL_SECONDS,
) -> Progress | None:
    """Return when nothing is left in two consecutive samples, or None after ``patience`` seconds.

    Raises StandstillError where an intake topic stands still for ``standstill`` seconds, and RebuildDueError
    where detection or the projector waits for a rebuild.
    """
    deadline = time.monotonic() + patience
    watch = _Watch(standstill)
    done = 0
    while True:
        found = await progress(settings, pool)
        if found.due:
            sentence = found.sentence()
            raise RebuildDueError(f"{sentence[0].upper()}{sentence[1:]}.")
        if tell is not None:
            tell(found)
        done = done + 1 if found.left == 0 else 0
        if done == 2:
            return found
        if time.monotonic() > deadline:
            return None
        watch.look(settings, found.taken)
        await asyncio.sleep(_SAMPLE_SECONDS)
