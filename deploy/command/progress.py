"""How far the pipelines are: lag of each, depth of the queues, and waiting until all of it is done."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS, intake_topic
from projections.schema import CONSUMED as PROJECTED
from projections.schema import PIPELINE as PROJECTOR
from projections.schema import VERSION as PROJECTION_VERSION
from services.detection.generation import NAME as DETECTION
from services.detection.status import detection_status
from services.detection.subjects import CONTEXTS as DETECTED
from services.platform import offsets
from services.platform.log import end_offsets, topics_of
from services.platform.settings import Settings

_SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """What is left to do at one moment.

    ``lags``: records of the log not yet consumed, by pipeline; ``intake``: records on intake topics not yet
    taken; ``detection``: as ``detection_status`` says; ``recorded``: records on the log, all topics.
    """

    lags: Mapping[str, int]
    intake: int
    detection: Mapping[str, Any]
    recorded: int

    @property
    def left(self) -> int:
        """Everything that is left, in records, marks, messages, sweeps and days."""
        found = self.detection
        waiting = found["dirty"] + found["outbox"] + len(found["sweeps"]) + found.get("days_waiting", 0)
        return sum(self.lags.values()) + self.intake + int(waiting)

    def sentence(self) -> str:
        """Say in one line what is left."""
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
        (PROJECTOR, PROJECTION_VERSION, PROJECTED),
    ):
        held = await offsets.positions(pool, name, version)
        topics = set(topics_of(settings, contexts))
        lags[name] = sum(end - held.get(place, 0) for place, end in ends.items() if place[0] in topics)
    return Progress(lags, await _intake_lag(settings), found, sum(ends.values()))


async def _intake_lag(settings: Settings) -> int:
    # An intake context's group has the name of its topic.
    ends = await end_offsets(settings, [f"intake.{context}" for context in UPSTREAM_CONTEXTS])
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        lag = 0
        for context in UPSTREAM_CONTEXTS:
            topic = intake_topic(settings.topic_prefix, context)
            committed = await admin.list_consumer_group_offsets(topic)
            for (name, partition), end in ends.items():
                if name == topic:
                    held = committed.get(TopicPartition(name, partition))
                    lag += end - (max(0, held.offset) if held is not None else 0)
        return lag
    finally:
        await admin.close()


async def wait_until_done(
    settings: Settings,
    pool: asyncpg.Pool,
    *,
    patience: float,
    tell: Callable[[Progress], None] | None = None,
) -> Progress | None:
    """Return when nothing is left in two consecutive samples, or None after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    done = 0
    while True:
        found = await progress(settings, pool)
        if tell is not None:
            tell(found)
        done = done + 1 if found.left == 0 else 0
        if done == 2:
            return found
        if time.monotonic() > deadline:
            return None
        await asyncio.sleep(_SAMPLE_SECONDS)
