"""Positions of pipelines, and what else ``services.platform`` asks of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.simulation.postgres import SHARED, Answer, Transaction, Waits
from tests.simulation.statements import Known, declaring

KNOWN: Known = {}
statement = declaring(KNOWN)

_OFFSET = "platform.offset"


def _positions(tx: Transaction, pipeline: str, version: int) -> Iterator[dict[str, Any]]:
    return (row for row in tx.rows(_OFFSET) if (row["pipeline"], row["version"]) == (pipeline, version))


@statement('select topic, partition, next_offset from platform."offset" where', "topic partition next_offset")
def positions(tx: Transaction, pipeline: str, version: int) -> Answer:
    return [(row["topic"], row["partition"], row["next_offset"]) for row in _positions(tx, pipeline, version)]


@statement("with wanted as ( select * from unnest($3::text[]", "topic partition next_offset")
def begin(
    tx: Transaction,
    pipeline: str,
    version: int,
    topics: Sequence[str],
    partitions: Sequence[int],
    starts: Sequence[int],
) -> Waits:
    wanted = list(zip(topics, partitions, strict=True))
    there = {
        (row["topic"], row["partition"]): row["next_offset"] for row in _positions(tx, pipeline, version)
    }
    begun = []
    for (topic, partition), start in zip(wanted, starts, strict=True):
        key = (pipeline, version, topic, partition)
        yield from tx.lock(_OFFSET, key)
        if tx.latest(_OFFSET, key) is None:
            tx.write(_OFFSET, key, _offset(key, start, None, None, None))
            begun.append((topic, partition, start))
    return begun + [(*place, there[place]) for place in wanted if place in there]


def _offset(key: tuple[Any, ...], following: int, topic_id: Any, last: Any, event: Any) -> dict[str, Any]:
    pipeline, version, topic, partition = key
    return {
        "pipeline": pipeline,
        "version": version,
        "topic": topic,
        "partition": partition,
        "next_offset": following,
        "topic_id": topic_id,
        "last_offset": last,
        "last_event": event,
    }


@statement('insert into platform."offset" (pipeline, version, topic, partition, next_offset) values')
def set_position(
    tx: Transaction, pipeline: str, version: int, topic: str, partition: int, following: int
) -> Waits:
    key = (pipeline, version, topic, partition)
    yield from tx.lock(_OFFSET, key)
    tx.write(_OFFSET, key, _offset(key, following, None, None, None))
    return 1


@statement('update platform."offset" o set next_offset = m.next')
def compare_and_set(
    tx: Transaction,
    pipeline: str,
    version: int,
    topics: Sequence[str],
    partitions: Sequence[int],
    helds: Sequence[int],
    nexts: Sequence[int],
    *marks: Sequence[Any],
) -> Waits:
    seen = {(row["topic"], row["partition"]): row["next_offset"] for row in _positions(tx, pipeline, version)}
    moved = 0
    for topic, partition, held, following, *mark in zip(
        topics, partitions, helds, nexts, *marks, strict=True
    ):
        if seen.get((topic, partition)) != held:
            continue
        key = (pipeline, version, topic, partition)
        yield from tx.lock(_OFFSET, key)
        row = tx.latest(_OFFSET, key)
        if row is not None and row["next_offset"] == held:
            tx.write(_OFFSET, key, _offset(key, following, *mark))
            moved += 1
    return moved


@statement(
    "select topic, partition, topic_id, last_offset, last_event",
    "topic partition topic_id last_offset last_event",
)
def marks_of(tx: Transaction, pipeline: str, version: int) -> Answer:
    names = ("topic", "partition", "topic_id", "last_offset", "last_event")
    return [tuple(row[name] for name in names) for row in _positions(tx, pipeline, version)]


@statement('update platform."offset" o set topic_id = m.topic_id')
def set_marks(
    tx: Transaction,
    pipeline: str,
    version: int,
    topics: Sequence[str],
    partitions: Sequence[int],
    *marks: Sequence[Any],
) -> Waits:
    done = 0
    for topic, partition, *mark in zip(topics, partitions, *marks, strict=True):
        key = (pipeline, version, topic, partition)
        yield from tx.lock(_OFFSET, key)
        row = tx.latest(_OFFSET, key)
        if row is not None and row["last_event"] is None:
            tx.write(_OFFSET, key, _offset(key, row["next_offset"], *mark))
            done += 1
    return done


@statement("insert into platform.cluster")
def remember_cluster(tx: Transaction, kafka_id: str) -> Waits:
    yield from tx.lock("platform.cluster", ())
    if tx.latest("platform.cluster", ()) is not None:
        return 0
    tx.write("platform.cluster", (), {"kafka_id": kafka_id})
    return 1


@statement("select kafka_id from platform.cluster", "kafka_id")
def cluster(tx: Transaction) -> Answer:
    return [(row["kafka_id"],) for row in tx.rows("platform.cluster")]


@statement("select p.pid, p.bytes_processed", "pid bytes_processed query_start")
def copying(tx: Transaction) -> Answer:
    return []  # the model's COPY comes whole


@statement("select pg_advisory_xact_lock($1)", "lock")
def advisory(tx: Transaction, number: int) -> Waits:
    yield ("advisory", number), "alone"
    return [(None,)]


@statement("select pg_advisory_xact_lock_shared($1)", "lock")
def advisory_shared(tx: Transaction, number: int) -> Waits:
    yield ("advisory", number), SHARED
    return [(None,)]


@statement("select topic, partitions, coalesce(moving_until", "topic partitions moving")
def dealings(tx: Transaction, topics: Sequence[str]) -> Answer:
    return []
