"""With TLS, SCRAM and permissions: everybody does his own, and nobody else's."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.cli.progress import wait_until_done
from deploy.deployment import PROCESSES
from deploy.local import Stack
from deploy.migrations import upgrade
from events.catalogue import dead_letter_topic, intake_topic, log_topic
from services.closer.closing import close_day
from services.detection.service import serve as serve_detection
from services.intake.context import open_intake
from services.payments.service import DECLARATION as PAYMENTS
from services.platform import acls, quotas
from services.platform.database import open_pool
from services.platform.faust_transport import run_faust
from services.platform.kafka import KafkaSettingsError, connection
from services.platform.keys import Keys
from services.platform.lineage import LogWatch
from services.platform.log import open_ends
from services.platform.settings import Settings
from services.platform.topics import create_topics
from services.projector.service import serve as serve_projector
from tests.chaos.verdict import announced_findings, assert_ledgers, open_findings, without_receipts
from tests.conftest import made_database
from tests.deployment import Deployment
from tests.operator import make_operator
from tests.oracle.scan import findings
from tests.privacy import places
from tests.privacy.scanner import Scanner, secrets_of
from tests.services.detection.counted import COUNTED
from tests.services.detection.upstream import digest_of
from tests.services.detection.worker import in_tokens
from tests.services.intake.conftest import client
from tests.services.platform.golden import FACTS as GOLDEN
from tests.services.platform.golden import facts_of
from tests.services.platform.secured.broker import OPERATOR, Secured
from tests.services.platform.secured.conftest import BANK

FACTS = facts_of("payments")[:20]
CLOSED = date(2021, 10, 31)
EXPECTED = without_receipts(
    [*(in_tokens(one) for one in findings(GOLDEN, CLOSED, digest_of=digest_of)), *COUNTED]
)
RUN = tuple(
    name
    for name in PROCESSES
    if name in {"detection", "projector", *(fact["type"].split(".")[1] for fact in GOLDEN)}
)


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


async def write(settings: Settings, topic: str, value: bytes = b"{}") -> None:
    """Write a record, as whoever the settings say. Raises KafkaError where that is not allowed."""
    producer = AIOKafkaProducer(**connection(settings))
    try:
        await producer.start()
        async with asyncio.timeout(10):
            await producer.send_and_wait(topic, value, partition=0)
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
        "closer": [payments],
    }
    may_not_read = {
        BANK: [handed_over, payments, letters],
        "stranger": [payments],
        "payments": [enrollment, letters],
        "closer": [payments],
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


async def test_an_upstream_is_slowed_to_its_rate_and_others_are_not(
    secured: Secured, common: dict[str, Any]
) -> None:
    """Two on one topic: one of them may write 20 kB a second, and its records stand in nobody's way."""
    operator, topic = secured.settings(OPERATOR, **common), intake_topic(common["topic_prefix"], "payments")
    await acls.apply(operator, acls.permissions(operator, {}, {"stranger": ["payments"]}))
    bank, other = secured.settings(BANK, **common), secured.settings("stranger", **common)
    await in_force(secured.settings("projector", **common))
    await quotas.limit(operator, {BANK: 20_000})
    limited = asyncio.ensure_future(seconds_to_write(bank, topic, 60))
    await asyncio.sleep(3)
    assert await seconds_to_write(other, topic, 60) < 10
    # 600 kB are 30 s; what came in the first seconds of the broker's window it has let through.
    assert await limited > 15
    await quotas.limit(operator, {BANK: 0})
    assert await seconds_to_write(bank, topic, 60) < 10


async def seconds_to_write(settings: Settings, topic: str, count: int) -> float:
    """How long it takes to write so many records of 10 kB, one after the other."""
    producer = AIOKafkaProducer(**connection(settings))
    await producer.start()
    try:
        began = monotonic()
        for _ in range(count):
            await producer.send_and_wait(topic, b"x" * 10_000, partition=0)
        return monotonic() - began
    finally:
        await producer.stop()


async def test_a_token_is_read_again_and_does_no_more_than_a_password(
    secured: Secured, common: dict[str, Any]
) -> None:
    payments = log_topic(common["topic_prefix"], "payments")
    projector = secured.settings_with_token("projector", **common)
    await read(projector, payments)
    with pytest.raises(TopicAuthorizationFailedError):
        await write(projector, payments)
    secured.settings_with_token("projector", seconds=-1, **common)
    with pytest.raises(KafkaError):
        await read(projector, payments)
    secured.settings_with_token("projector", **common)
    await read(projector, payments)


@pytest.mark.parametrize("how", ["a password", "a token"])
async def test_the_whole_way_of_a_fact_with_a_principal_a_service(
    secured: Secured, common: dict[str, Any], how: str
) -> None:
    as_user = secured.settings if how == "a password" else secured.settings_with_token
    payments = [PAYMENTS]
    async with (
        open_intake(payments, as_user("payments", **common)) as (intake,),
        client(intake) as http,
    ):
        answer = await http.post("/events", json=FACTS)
        assert answer.status_code == 202, answer.text
        facts = answer.json()["receipt"]["facts"]
        assert (await http.post("/events", json=FACTS)).json()["receipt"]["facts"] == 0
    await close_day(as_user("closer", **common), date(2021, 6, 30))
    stop = asyncio.Event()
    running = [
        asyncio.ensure_future(serve_projector(as_user("projector", **common), stop)),
        asyncio.ensure_future(serve_detection(as_user("detection", **common), stop, transport=run_faust)),
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


@pytest.fixture
async def deployment(
    stack: Stack, secured: Secured, database: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """Services as processes, each with a principal and a role of its own."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    started = Deployment(stack, tmp_path, name=prefix, database_url=database, prefix=prefix, secured=secured)
    await started.prepare()
    await acls.apply(started.settings, acls.permissions(started.settings, PROCESSES, {BANK: ["payments"]}))
    await in_force(secured.settings("projector", topic_prefix=prefix))
    try:
        yield started
    finally:
        started.stop(*RUN)


async def hand_over(deployment: Deployment, http: httpx.AsyncClient, facts: list[dict[str, Any]]) -> bool:
    """Hand facts of one context over; whether that was answered."""
    context = facts[0]["type"].split(".")[1]
    key = {"Authorization": f"Bearer {deployment.operator_key}"}
    try:
        answer = await http.post(f"{deployment.url(context)}/events", json=facts, headers=key)
    except httpx.TransportError:
        return False
    assert answer.status_code in (202, 207, 503), answer.text
    return answer.status_code != 503


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_killed_in_the_middle_it_ends_exact_and_nothing_is_readable(
    secured: Secured, deployment: Deployment
) -> None:
    for name in RUN:
        # Detection dies with its first announcements acknowledged by Kafka and not forgotten by itself.
        deployment.start(name, fault="relay.published" if name == "detection" else "")
    await deployment.serving(RUN, seconds=150)
    async with httpx.AsyncClient(timeout=60) as http:
        for context in dict.fromkeys(fact["type"].split(".")[1] for fact in GOLDEN):
            facts = [fact for fact in GOLDEN if fact["type"].split(".")[1] == context]
            chunks = [facts[begin : begin + 50] for begin in range(0, len(facts), 50)]
            if context == "payments":
                under_way = [asyncio.ensure_future(hand_over(deployment, http, chunk)) for chunk in chunks]
                async with asyncio.timeout(100), open_ends(deployment.settings, ["payments"]) as ends:
                    while not any((await ends()).values()):
                        await asyncio.sleep(0)
                deployment.kill("payments")
                await asyncio.gather(*under_way)
                deployment.start("payments")
                await deployment.serving(["payments"], seconds=150)
            async with asyncio.timeout(100):
                for chunk in chunks:
                    while not await hand_over(deployment, http, chunk):
                        await asyncio.sleep(0.5)
    bank = secured.settings(BANK)
    person = next(fact["data"]["account"] for fact in GOLDEN if "account" in fact["data"])
    await write(bank, intake_topic(deployment.settings.topic_prefix, "payments"), json.dumps(person).encode())
    await close_day(deployment.settings, CLOSED)
    async with asyncio.timeout(100):
        while deployment.is_running("detection"):
            await asyncio.sleep(0.2)
    deployment.start("detection")
    pool = await open_pool(deployment.settings.database_url, size=2, schema="projection_g1")
    try:
        assert await wait_until_done(deployment.settings, pool, patience=150) is not None
        await assert_ledgers(pool, GOLDEN, [CLOSED])
        assert await open_findings(pool) == EXPECTED
        announced, repeats = await announced_findings(deployment.settings)
        assert announced == EXPECTED
        assert repeats > 0, "detection was killed after Kafka had its announcements"
    finally:
        await pool.close()

    scanner, looked, found = Scanner(secrets_of([fact["data"] for fact in GOLDEN])), Counter[str](), []
    prefix = deployment.settings.topic_prefix
    async for place, data in places.records(secured.local, prefix):
        looked["dead letters" if f"{prefix}.dlq" in place else "records"] += 1
        found += scanner.look(place, data)
    async for place, data in places.cells(deployment.settings.database_url):
        looked["cells"] += 1
        found += scanner.look(place, data)
    for place, data in places.lines(deployment.stack.root / "log", deployment.stack.log("kafka")):
        looked["log lines"] += 1
        found += scanner.look(place, data)
    assert found == []
    assert scanner.look("the check of the check", json.dumps(person, ensure_ascii=False).encode())
    assert looked["records"] > 5000 and looked["dead letters"] > 0 and looked["cells"] > 5000, looked
