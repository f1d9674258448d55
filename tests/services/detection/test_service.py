"""The process on real Kafka and PostgreSQL: two workers, the anomaly topic, a rebuild while they run."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from events.catalogue import log_topic
from events.codec import decode
from events.envelope import event_id_of
from services.detection import generation
from services.detection.backtest import backtest
from services.detection.comparison import Comparison
from services.detection.facts.policy import PolicyAdopted
from services.detection.replay import rebuild
from services.detection.rules import BY_NAME, rules_of
from services.detection.service import BATCH, SMALLEST, batch_size, lock_room, serve
from services.detection.status import detection_status
from services.detection.trying import Trial
from services.platform.database import open_pool
from services.platform.settings import Settings
from services.platform.tables import create_tables
from services.platform.topics import create_topics
from tests.oracle.clauses import CLAUSES
from tests.oracle.scan import findings
from tests.services.detection.on_kafka import cut, publish
from tests.services.detection.upstream import Raw, day_closed, digest_of, void
from tests.services.detection.worker import in_tokens, plain

FACTS: list[Raw] = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "golden" / "facts.ndjson").read_text("utf-8").splitlines()
]


async def _idle(pool: Any, applied: str) -> dict[str, Any]:
    """Wait until the day is applied and nothing is left to do."""
    async with asyncio.timeout(90):
        while True:
            found = await detection_status(pool)
            if found["idle"] and found.get("applied_day") == applied:
                return found
            await asyncio.sleep(0.1)


async def _fold(settings: Settings) -> set[str]:
    """Return the anomalies that are open by the topic; every revision comes after the one before."""
    topic = log_topic(settings.topic_prefix, "anomalies")
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=settings.kafka, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        last: dict[str, tuple[int, str]] = {}
        ends = await consumer.end_offsets(consumer.assignment())
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                for raws in (await consumer.getmany(partition, timeout_ms=1000)).values():
                    for raw in raws:
                        event = decode(raw.value, raw.headers)
                        anomaly, revision = str(event.data.anomaly_id), event.data.revision
                        if anomaly in last and revision <= last[anomaly][0]:
                            continue
                        assert revision == (last[anomaly][0] if anomaly in last else 0) + 1
                        last[anomaly] = revision, event.type.split(".")[2]
    finally:
        await consumer.stop()
    return {anomaly for anomaly, (_, verb) in last.items() if verb != "withdrawn"}


async def _open(pool: Any, number: int) -> dict[str, Any]:
    rows = await pool.fetch(f"select * from detection_g{number}.finding where state = 'open'")
    return {str(row["anomaly_id"]): row for row in rows}


async def test_two_workers_a_rebuild_and_what_they_announce(stack: Any, database: str) -> None:
    settings = Settings(kafka=stack.kafka, database_url=database, topic_prefix="detectiontest", partitions=2)
    await create_topics(settings)
    stop = asyncio.Event()
    workers = [asyncio.create_task(serve(settings, stop)) for _ in range(2)]
    pool = await open_pool(database, size=1)
    try:
        await publish(settings, FACTS[: len(FACTS) // 2])
        await publish(settings, FACTS[len(FACTS) // 2 :])
        closed = day_closed("2021-10-31", await cut(settings))
        await publish(settings, [closed])
        await _idle(pool, "2021-10-31")
        raws = [*FACTS, day_closed("2021-10-31")]
        expected = sorted(in_tokens(one) for one in findings(raws, date(2021, 10, 31), digest_of=digest_of))
        before = await _open(pool, 1)
        assert expected == sorted(
            plain(row["rule"], row["key"], row["severity"], row["params"])
            for row in before.values()
            if row["rule"] in CLAUSES
        )
        assert await _fold(settings) == set(before)

        tested = await backtest(settings, [Trial(without={"grace"})], processes=1)
        (result,) = tested.results
        differing = [one for one in result.differences if one.outcome != "same"]
        assert {(one.rule, one.outcome) for one in differing} == {("paid-after-death", "changed")}
        assert sum(one.count for one in result.differences) == len(before)

        strict = PolicyAdopted("draft", "2018-01-01", 2**62, "large_payment.multiple", 0, "", None)
        tested = await backtest(
            settings, [Trial(drafts=(strict,))], rules=rules_of([BY_NAME["large-payment"]]), processes=2
        )
        (result,) = tested.results
        added = [one for one in result.differences if one.outcome == "added"]
        assert sum(one.count for one in added) > 100 and all(one.amount_fen > 0 for one in added)
        assert {len(one.village) for one in added} == {12} and max(len(one.samples) for one in added) == 5
        assert {one.rule for one in result.differences} == {"large-payment"}, "others are not compared"
        assert before == await _open(pool, 1), "nothing that is live was touched"

        report = await rebuild(settings, processes=2)
        assert report.generation == 2
        assert report.comparison.equal
        # The workers go on in the new generation.
        late = next(raw for raw in FACTS if ".died." in raw["type"])
        await publish(settings, [void(late), day_closed("2021-11-01", await cut(settings))])
        found = await _idle(pool, "2021-11-01")
        assert found["generation"] == 2
        after = await _open(pool, 2)
        assert len(after) < len(before)
        for anomaly in after.keys() & before.keys():
            assert after[anomaly]["raised_at"] == before[anomaly]["raised_at"]
        assert await _fold(settings) == set(after)
    finally:
        await pool.close()
        stop.set()
        for worker in workers:
            await worker


async def test_a_rebuild_ends_although_facts_come_all_the_time(stack: Any, database: str) -> None:
    """The live worker is always a little ahead: in the end it waits for the last stretch."""
    settings = Settings(kafka=stack.kafka, database_url=database, topic_prefix="detectionbusy", partitions=2)
    await create_topics(settings)
    stop, done = asyncio.Event(), asyncio.Event()
    worker = asyncio.create_task(serve(settings, stop))
    died = [raw for raw in FACTS if ".died." in raw["type"]]
    stated: list[Raw] = []

    async def state() -> None:
        for number in itertools.count():
            if done.is_set():
                return
            one = died[number % len(died)]
            stated.append({**one, "id": f"busy-{number}"})
            await publish(settings, stated[-1:])

    pool = await open_pool(database, size=1)
    try:
        await publish(settings, [*FACTS, day_closed("2021-10-31", await cut(settings))])
        await _idle(pool, "2021-10-31")
        stating = asyncio.create_task(state())
        try:
            async with asyncio.timeout(60):
                report = await rebuild(settings, processes=1)
        finally:
            done.set()
            await stating
        assert report.generation == 2
        await publish(settings, [day_closed("2021-11-01", await cut(settings))])
        assert (await _idle(pool, "2021-11-01"))["generation"] == 2
        kept = await pool.fetchval(
            "select count(*) from detection_g2.event where event_id = any($1::uuid[])",
            [event_id_of(raw["source"], raw["id"]) for raw in stated],
        )
        assert kept == len(stated) > 0
    finally:
        await pool.close()
        stop.set()
        await worker


async def test_what_other_code_has_filled_is_left_alone_until_a_rebuild(
    stack: Any, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(kafka=stack.kafka, database_url=database, topic_prefix="othercode", partitions=2)
    await create_topics(settings)
    pool = await open_pool(database, size=1)
    raws = [*FACTS, day_closed("2021-10-31")]
    half = len(FACTS) // 2
    stop = asyncio.Event()
    worker = asyncio.create_task(serve(settings, stop))
    try:
        await publish(settings, FACTS[:half])
        await publish(settings, [day_closed("2021-10-30", await cut(settings))])
        await _idle(pool, "2021-10-30")
    finally:
        stop.set()
        await worker
    before = await _open(pool, 1)
    await pool.execute("update detection_g1.code set fingerprint = 'of other code'")
    assert (await detection_status(pool))["rebuild_due"]

    stop = asyncio.Event()
    worker = asyncio.create_task(serve(settings, stop))
    try:
        # What arrives meanwhile stays on the log.
        await publish(settings, FACTS[half:])
        await publish(settings, [day_closed("2021-10-31", await cut(settings))])
        async with asyncio.timeout(30):
            while "waits for `dibao rebuild detection`" not in caplog.text:
                await asyncio.sleep(0.05)
        assert await _open(pool, 1) == before
        report = await rebuild(settings, processes=1)
        assert report.generation == 2
        found = await _idle(pool, "2021-10-31")
        assert (found["generation"], "rebuild_due" in found) == (2, False)
        expected = sorted(in_tokens(one) for one in findings(raws, date(2021, 10, 31), digest_of=digest_of))
        after = await _open(pool, 2)
        assert expected == sorted(
            plain(row["rule"], row["key"], row["severity"], row["params"])
            for row in after.values()
            if row["rule"] in CLAUSES
        )
        assert before.keys() & after.keys()
        for anomaly in before.keys() & after.keys():
            assert after[anomaly]["raised_at"] == before[anomaly]["raised_at"]
        # The worker has opened it, and goes on with what comes.
        late = next(raw for raw in FACTS if ".died." in raw["type"])
        await publish(settings, [void(late), day_closed("2021-11-01", await cut(settings))])
        await _idle(pool, "2021-11-01")
        assert await _fold(settings) == set(await _open(pool, 2))
    finally:
        stop.set()
        await worker
        await pool.close()


async def test_a_deployment_of_before_fingerprints_is_of_other_code(database: str) -> None:
    pool = await open_pool(database, size=1)
    try:
        assert (await detection_status(pool))["generation"] is None
        async with pool.acquire() as connection:
            await create_tables(connection)
            await generation.live(connection)
            assert not await generation.rebuild_due(connection), "it is not there yet"
            await generation.create(connection, "detection_g1")
            assert not await generation.rebuild_due(connection)
            await connection.execute("drop table detection_g1.code")
            assert await generation.rebuild_due(connection)
        assert (await detection_status(pool))["rebuild_due"]
    finally:
        await pool.close()


def test_a_comparison_without_differences_is_equal() -> None:
    assert Comparison({"unentitled": 2}, {}, {}, {}).equal
    assert not Comparison({}, {"unentitled": 1}, {}, {}).equal


@pytest.mark.parametrize(
    ("room", "facts"),
    [(512 * 200, BATCH), (64 * 100, 400), (10 * 25, SMALLEST)],
    ids=["as dibao sets it", "as PostgreSQL is installed", "with hardly any"],
)
def test_a_batch_is_as_large_as_postgresql_has_room_for_its_locks(room: int, facts: int) -> None:
    assert batch_size(room) == facts


async def test_the_room_for_locks_is_read_from_the_server(database: str) -> None:
    pool = await open_pool(database, size=1)
    try:
        each = int(await pool.fetchval("show max_locks_per_transaction"))
        connections = int(await pool.fetchval("show max_connections"))
        assert await lock_room(pool, asyncio.Event()) >= each * connections > 0
    finally:
        await pool.close()
