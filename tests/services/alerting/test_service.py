"""The service as a process, on a real Kafka and PostgreSQL, killed wherever it hurts."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local import Stack
from events.catalogue import log_topic
from events.envelope import Record
from projections.schema import PIPELINE, POSITIONS
from services.alerting.subscription import Bounds
from services.detection.catalogue import publish
from services.platform.database import open_pool
from services.platform.offsets import set_position
from services.platform.producer import open_producer
from services.platform.settings import Settings
from tests.deployment import Deployment
from tests.services.alerting.office import Office, finding
from tests.services.alerting.receiver import SECRET, Receiver
from tests.signing import signed

POINTS = (
    "alerting.before_transaction",
    "alerting.before_commit",
    "alerting.after_commit",
    "alerting.before_decision:2",
    "alerting.after_decision:2",
    "alerting.claimed:3",
    "alerting.sent:3",
)
"""Where it kills itself: at the taking, at the deciding, before and after a message is sent."""


@pytest.fixture
def deployment(stack: Stack, migrated_database: str, tmp_path: Path) -> Iterator[Deployment]:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    made = Deployment(stack, tmp_path, name=prefix, database_url=migrated_database, prefix=prefix)
    yield made
    made.stop("alerting")


async def say(settings: Settings, records: Sequence[Record]) -> None:
    """Publish what detection announces, each twice, as a relay does that crashed in between."""
    topic = log_topic(settings.topic_prefix, "anomalies")
    producer = await open_producer(settings)
    try:
        for record in records:
            key, value, headers = signed(settings, topic, record.event)
            for _ in range(2):
                await producer.send_and_wait(topic, value, key=key, headers=headers)
    finally:
        await producer.stop()


@asynccontextmanager
async def at_work(deployment: Deployment) -> AsyncIterator[Office]:
    """A deployment's database with the words of all rules, and a projector that has read whatever comes."""
    await deployment.prepare()
    settings = deployment.settings
    pool = await open_pool(settings.database_url, size=2)
    try:
        async with pool.acquire() as connection:
            await publish(connection)
            topic = log_topic(settings.topic_prefix, "anomalies")
            read = {(topic, partition): 10**6 for partition in range(settings.partitions)}
            await set_position(connection, PIPELINE, POSITIONS, read)
        yield Office(pool)
    finally:
        await pool.close()


async def all_delivered(office: Office) -> None:
    """Return when no notice is due any more."""
    while await office.pool.fetchval("SELECT count(*) FROM alerting.notice WHERE state = 'due'"):
        await asyncio.sleep(0.05)


LIVELY = Bounds(most=50, gather=Bounds().gather / 50)


async def test_stopped_while_somebody_is_told_it_tells_nobody_twice(deployment: Deployment) -> None:
    receiver = Receiver(pause=1.0)
    async with at_work(deployment) as office, receiver.listening(), asyncio.timeout(60):
        await office.subscribe(target=receiver.url, secret=SECRET, bounds=LIVELY)
        deployment.start("alerting")
        await say(deployment.settings, await office.log.state(*(finding(one) for one in range(3))))
        while not receiver.requests:
            await asyncio.sleep(0.02)
        assert await asyncio.to_thread(deployment.stop, "alerting") == []
        assert len(receiver.taken) == 1, "to the end"
        deployment.start("alerting")
        while len(receiver.taken) < 3:
            await asyncio.sleep(0.05)
        await all_delivered(office)
    assert len(receiver.requests) == 3


@pytest.mark.parametrize("point", POINTS)
async def test_killed_anywhere_it_tells_each_finding_once(
    deployment: Deployment, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIBAO_ALERT_TIMEOUT_SECONDS", "1")
    monkeypatch.setenv("DIBAO_ALERT_FIRST_SECONDS", "0.1")
    receiver = Receiver()
    async with at_work(deployment) as office:
        pool = office.pool
        number = await office.subscribe(target=receiver.url, secret=SECRET, bounds=LIVELY)
        records = await office.log.state(*(finding(one) for one in range(12)))
        deployment.start("alerting", fault=point)
        async with receiver.listening(), asyncio.timeout(60):
            await say(deployment.settings, records)
            while deployment.is_running("alerting"):
                await asyncio.sleep(0.05)
            deployment.stop("alerting")
            deployment.start("alerting")
            while len(receiver.taken) < 12:
                assert deployment.is_running("alerting"), deployment.tail("alerting")
                await asyncio.sleep(0.05)
            await all_delivered(office)
        subjects = sorted(content["subject"] for content in receiver.taken.values())
        assert subjects == sorted(f"household:H{one}" for one in range(12))
        assert receiver.doubled <= point.startswith("alerting.sent"), "and then with the id that it had"
        assert await pool.fetchval("SELECT count(*) FROM alerting.announcement") == 12
        told = await pool.fetch("SELECT notice FROM alerting.item WHERE subscription = $1", number)
        assert len({row["notice"] for row in told} - {None}) == len(told) == 12
        assert deployment.log("alerting").count("geheim") == 0
