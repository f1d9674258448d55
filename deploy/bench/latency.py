"""Latency: from Kafka's acknowledgement of a fact to its anomaly on the log, and to its row in the ledger.

The last part of a log is offered at a steady rate to detection and projector, which hold the first part;
meanwhile a policy changes that concerns every household.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.logs import Raw
from deploy.bench.measure import LostFactsError, Measure, expect
from deploy.bench.settling import consumed, settled
from events.catalogue import CONTEXTS, log_topic
from events.codec import encode
from events.digest import canonical_content, digest_of
from events.envelope import Event, event_id_of
from events.policy import Adopted
from projections.schema import PIPELINE, POSITIONS
from services.detection.facts import CONTEXTS as DETECTED
from services.platform.authorship import LogKeys
from services.platform.kafka import connection
from services.platform.keys import Keys
from services.platform.log import end_offsets
from services.platform.offsets import Place, positions
from services.platform.producer import open_producer
from services.platform.settings import Settings

_SOURCE = "/dibao/bench"

RATE = 1000
"""Facts a second that are offered."""
SECONDS = 20
_SLICE = 0.01
_SAMPLE = 0.01


@dataclass
class _Watch:
    """When each fact was acknowledged, where it stands, and when its consequences were seen."""

    acknowledged: dict[UUID, float] = field(default_factory=dict)
    waiting: dict[Place, list[tuple[int, float]]] = field(default_factory=dict)
    ledger: list[float] = field(default_factory=list)
    anomalies: list[float] = field(default_factory=list)
    closed: bool = False


async def at_steady_rate(ground: Ground, site: Site, records: Sequence[Raw]) -> Sequence[Measure]:
    """Measure both latencies. ``records`` are in the order of delivery; at most half of them are offered."""
    offered = min(RATE * SECONDS, len(records) // 2)
    stored, fresh = records[:-offered], records[-offered:]
    await logs.write_raw(site.settings, stored)
    detection, projector = f"{site.name}-detection", f"{site.name}-projector"
    connection = await asyncpg.connect(site.settings.database_url)
    try:
        await ground.start(
            site, detection, "serve", "detection", "--mark", str(site.files / "detection.mark")
        )
        await ground.start(
            site, projector, "serve", "projector", "--mark", str(site.files / "projector.mark")
        )
        for name in (detection, projector):
            await ground.wait_for(site.files / f"{name.removeprefix(site.name + '-')}.mark", name)
        await _settle(ground, site.settings, detection, projector, connection)
        await ground.rest()
        watch = _Watch()
        before = ground.usage(detection, projector)
        listening = await _anomalies_from_now(site.settings)
        watchers = [
            asyncio.ensure_future(_watch_anomalies(listening, watch)),
            asyncio.ensure_future(_watch_ledger(connection, watch)),
        ]
        try:
            began = time.monotonic()
            await _offer(site.settings, fresh, watch)
            seconds = time.monotonic() - began
            drained = await _until_quiet(ground, site.settings, detection, projector) - began - seconds
            await asyncio.sleep(0.5)
        finally:
            watch.closed = True
            await asyncio.gather(*watchers)
        usage = ground.usage(detection, projector) - before
    finally:
        await connection.close()
        await ground.stop(detection, projector)
    expect("facts seen in the ledger", len(watch.ledger), offered)
    if not watch.anomalies:
        raise LostFactsError(
            "none of the facts offered raised an anomaly, so there is no latency of anomalies"
        )
    rest = f"all done {drained:.1f} s after the last fact"
    return [
        Measure(
            "latency",
            "acknowledged to row in the ledger",
            offered,
            seconds,
            usage,
            latency_ms=percentiles(watch.ledger),
            note=f"over {len(stored)} stored facts; {rest}",
        ),
        Measure(
            "latency",
            "acknowledged to anomaly on the log",
            offered,
            seconds,
            latency_ms=percentiles(watch.anomalies),
            note=f"{len(watch.anomalies)} anomalies raised, a sweep of all households meanwhile; {rest}",
        ),
    ]


def percentiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99 in milliseconds (nearest rank)."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)

    return at(0.50), at(0.95), at(0.99)


async def _adopt(settings: Settings, producer: Any) -> None:
    """Let the multiple of what is a large payment be another: every household is swept for it."""
    at = datetime.now(UTC)
    fact = Adopted.model_validate(
        {"parameter": "large_payment.multiple", "value": 1.5, "from": "2018-01-01", "document": "benchmark"}
    )
    event = Event(
        event_id=event_id_of(_SOURCE, at.isoformat()),
        type="dibao.policy.adopted.v1",
        source=_SOURCE,
        serial=at.isoformat(),
        time=at,
        digest=digest_of(
            Keys.load(settings.master_key_file).digest, canonical_content("dibao.policy.adopted.v1", at, fact)
        ),
        data=fact,
    )
    topic = log_topic(settings.topic_prefix, "policy")
    key, value, headers = encode(event)
    headers.append(LogKeys.from_settings(settings).mac(topic, key, value, headers))
    await producer.send_and_wait(topic, value, key, partition=0, headers=headers)


async def _offer(settings: Settings, records: Sequence[Raw], watch: _Watch) -> None:
    producer = await open_producer(settings)
    topics = {context: log_topic(settings.topic_prefix, context) for context in CONTEXTS}
    sent: list[asyncio.Future[Any]] = []

    def acknowledged(event_id: UUID, answer: asyncio.Future[Any]) -> None:
        if answer.cancelled() or answer.exception() is not None:
            return
        now, place = time.monotonic(), answer.result()
        watch.acknowledged[event_id] = now
        watch.waiting.setdefault((place.topic, place.partition), []).append((place.offset, now))

    try:
        began = time.monotonic()
        for number, raw in enumerate(records):
            ahead = began + number / RATE - time.monotonic()
            if ahead > _SLICE:
                await asyncio.sleep(ahead)
            if number == len(records) // 4:
                await _adopt(settings, producer)
            answer = await producer.send(
                topics[raw.context], raw.value, raw.key, partition=raw.partition, headers=list(raw.headers)
            )
            answer.add_done_callback(lambda done, event_id=raw.event_id: acknowledged(event_id, done))
            sent.append(answer)
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def _anomalies_from_now(settings: Settings) -> Any:
    topic = log_topic(settings.topic_prefix, "anomalies")
    ends = await end_offsets(settings, ("anomalies",))
    consumer = AIOKafkaConsumer(**connection(settings), fetch_max_wait_ms=20)
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for _, partition in ends])
    for (_, partition), end in ends.items():
        consumer.seek(TopicPartition(topic, partition), end)
    return consumer


async def _watch_anomalies(consumer: Any, watch: _Watch) -> None:
    """An anomaly that is raised is due to the fact of its evidence that was acknowledged last."""
    raised: list[tuple[float, list[str]]] = []
    try:
        while not watch.closed:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                now = time.monotonic()
                for record in records:
                    if dict(record.headers)["ce_type"] == b"dibao.anomalies.raised.v1":
                        raised.append((now, orjson.loads(record.value)["evidence"]))
    finally:
        await consumer.stop()
    for seen, evidence in raised:
        causes = [watch.acknowledged.get(UUID(event_id), 0.0) for event_id in evidence]
        if max(causes, default=0.0) > 0:
            # An acknowledgement may reach us after its consequences did.
            watch.anomalies.append(max(0.0, seen - max(causes)))


async def _watch_ledger(connection: asyncpg.Connection, watch: _Watch) -> None:
    """A record's rows can be read as soon as the projector's offset is behind it: both in one transaction."""
    while not (watch.closed and not any(watch.waiting.values())):
        held = await positions(connection, PIPELINE, POSITIONS)
        now = time.monotonic()
        for place, waiting in watch.waiting.items():
            done = [at for offset, at in waiting if offset < held.get(place, 0)]
            if done:
                waiting[:] = [item for item in waiting if item[0] >= held.get(place, 0)]
                watch.ledger += [max(0.0, now - at) for at in done]
        await asyncio.sleep(_SAMPLE)
        if watch.closed and now > max(watch.acknowledged.values(), default=0.0) + 60:
            return


async def _settle(
    ground: Ground, settings: Settings, detection: str, projector: str, connection: asyncpg.Connection
) -> float:
    detected = await settled(ground, detection, settings, DETECTED, connection)
    projected = await consumed(ground, projector, connection, PIPELINE, await end_offsets(settings, CONTEXTS))
    return max(detected, projected)


async def _until_quiet(ground: Ground, settings: Settings, detection: str, projector: str) -> float:
    """Return when both had done all; much later than the last fact means that they did not keep up."""
    # Not the watcher's connection: it is in use.
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await _settle(ground, settings, detection, projector, connection)
    finally:
        await connection.close()
