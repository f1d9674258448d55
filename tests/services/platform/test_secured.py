"""With TLS, SCRAM and permissions: everybody does his own, and nobody else's."""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.command.deployment import PROCESSES
from deploy.local import Stack
from deploy.migrations import upgrade
from events.catalogue import dead_letter_topic, intake_topic, log_topic
from services.calendar.closing import close_day
from services.detection.service import serve as serve_detection
from services.platform import acls
from services.platform.faust_transport import run_faust
from services.platform.intake.context import Declaration, open_intake
from services.platform.kafka import KafkaSettingsError, connection
from services.platform.keys import Keys
from services.platform.lineage import LogWatch
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.projector.service import serve as serve_projector
from tests.conftest import made_database
from tests.operator import make_operator
from tests.services.platform.golden import facts_of
from tests.services.platform.intake.conftest import client
from tests.services.platform.secured import OPERATOR, Secured, secured_kafka

FACTS = facts_of("payments")[:20]
BANK = "bank"


@pytest.fixture(scope="module")
def secured(stack: Stack) -> Iterator[Secured]:
    """The one that these tests share."""
    with (
        tempfile.TemporaryDirectory(prefix="dibao-secured-") as folder,
        secured_kafka(Path(folder), stack.settings.jars, (*PROCESSES, BANK, "stranger")) as found,
    ):
        yield found


@pytest.fixture
async def common(stack: Stack, secured: Secured, tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """An empty deployment, its topics and permissions given: what the settings of all have in common."""
    async with made_database(stack) as database:
        shared: dict[str, Any] = {
            "database_url": database,
            "topic_prefix": f"t{uuid.uuid4().hex[:8]}",
            "partitions": 2,
            "master_key_file": tmp_path / "master.key",
        }
        operator = secured.settings(OPERATOR, **shared)
        Keys.create(operator.master_key_file)
        upgrade(database)
        await make_operator(database)
        await create_topics(operator)
        wanted = acls.permissions(operator, PROCESSES, {BANK: ["payments"]})
        assert await acls.apply(operator, wanted) == len(wanted)
        await in_force(secured.settings("projector", **shared))
        yield shared


async def in_force(settings: Settings) -> None:
    """Return when the broker has heard of the permissions, which takes it a moment."""
    watch = LogWatch(settings)
    async with asyncio.timeout(30):
        while True:
            try:
                await watch.lineages([log_topic(settings.topic_prefix, "vitals")])
                break
            except TopicAuthorizationFailedError:
                await asyncio.sleep(0.1)
    await watch.close()


async def write(settings: Settings, topic: str) -> None:
    """Write a record, as whoever the settings say. Raises KafkaError where that is not allowed."""
    producer = AIOKafkaProducer(**connection(settings))
    try:
        await producer.start()
        async with asyncio.timeout(10):
            await producer.send_and_wait(topic, b"{}", partition=0)
    finally:
        await producer.stop()


async def read(settings: Settings, topic: str) -> None:
    """Read a topic's first record. Raises KafkaError where that is not allowed."""
    watch = LogWatch(settings)
    try:
        await watch.event_ids({(topic, 0): 0})
    finally:
        await watch.close()


async def test_nobody_is_heard_without_name_password_and_tls(secured: Secured) -> None:
    good = secured.settings("detection")
    for wrong in (
        {"kafka_security": "PLAINTEXT"},
        {"kafka_user": "nobody"},
        {"kafka_security": "SASL_PLAINTEXT"},
    ):
        with pytest.raises(KafkaError):
            await write(good.model_copy(update=wrong), "any")
    with pytest.raises(KafkaSettingsError, match="DIBAO_KAFKA_PASSWORD_FILE is missing"):
        connection(good.model_copy(update={"kafka_password_file": None}))


async def test_each_may_do_its_own_and_nothing_else(secured: Secured, common: dict[str, Any]) -> None:
    prefix = common["topic_prefix"]
    payments, anomalies = log_topic(prefix, "payments"), log_topic(prefix, "anomalies")
    enrollment, letters = log_topic(prefix, "enrollment"), dead_letter_topic(prefix)
    handed_over = intake_topic(prefix, "payments")
    may_not_write = {
        BANK: [payments, anomalies, letters, intake_topic(prefix, "vitals")],
        "stranger": [handed_over, payments],
        "payments": [anomalies, enrollment, log_topic(prefix, "calendar")],
        "detection": [payments, handed_over],
        "projector": [payments, anomalies],
        "calendar": [payments],
    }
    may_not_read = {
        BANK: [handed_over, payments, letters],
        "stranger": [payments],
        "payments": [enrollment, letters],
        "calendar": [payments],
        "reporting": [payments],
    }
    for denied, attempt in ((may_not_write, write), (may_not_read, read)):
        for user, topics in denied.items():
            for topic in topics:
                with pytest.raises(TopicAuthorizationFailedError):
                    await attempt(secured.settings(user, **common), topic)
    await write(secured.settings(BANK, **common), handed_over)
    await write(secured.settings("detection", **common), anomalies)
    await read(secured.settings("projector", **common), payments)


async def test_the_whole_way_of_a_fact_with_a_principal_a_service(
    secured: Secured, common: dict[str, Any]
) -> None:
    payments = [Declaration("payments", "")]
    async with (
        open_intake(payments, secured.settings("payments", **common)) as (intake,),
        client(intake) as http,
    ):
        answer = await http.post("/events", json=FACTS)
        assert answer.status_code == 202, answer.text
        facts = answer.json()["receipt"]["facts"]
        assert (await http.post("/events", json=FACTS)).json()["receipt"]["facts"] == 0
    await close_day(secured.settings("calendar", **common), date(2021, 6, 30))
    stop = asyncio.Event()
    running = [
        asyncio.ensure_future(serve_projector(secured.settings("projector", **common), stop)),
        asyncio.ensure_future(
            serve_detection(secured.settings("detection", **common), stop, transport=run_faust)
        ),
    ]
    connected = await asyncpg.connect(common["database_url"])
    wanted = 'SELECT coalesce(sum(next_offset), 0) FROM platform."offset" WHERE topic = $1 AND pipeline = $2'
    topic = log_topic(common["topic_prefix"], "payments")
    try:
        async with asyncio.timeout(60):
            for pipeline in ("projector", "detection"):
                while await connected.fetchval(wanted, topic, pipeline) < facts:
                    for task in running:
                        assert not task.done(), task.exception()
                    await asyncio.sleep(0.2)
    finally:
        stop.set()
        await asyncio.gather(*running)
        await connected.close()
