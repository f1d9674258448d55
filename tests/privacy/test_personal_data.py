"""A whole run, with every way to get it wrong, leaves no readable personal data outside intake and vault."""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.cli.progress import wait_until_done
from deploy.deployment import PROCESSES
from deploy.local import Stack
from events.catalogue import UPSTREAM_CONTEXTS, intake_topic
from services.closer.closing import close_day
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.database import open_pool
from services.platform.settings import Settings
from tests.deployment import Deployment
from tests.privacy import places, street
from tests.privacy.scanner import Scanner, Sighting, secrets_of

pytestmark = pytest.mark.timeout(280)

RUN = tuple(service for service in PROCESSES if service != "closer")


@pytest.fixture(params=["international", pytest.param("national", marks=pytest.mark.slow)])
async def deployment(
    request: pytest.FixtureRequest, stack: Stack, database: str, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """All services as processes, on topics and a database of their own, with either family of algorithms."""
    prefix, told = f"privacy-{request.param}", {"DIBAO_CIPHERS": request.param}
    started = Deployment(
        stack, tmp_path, name=prefix, database_url=database, prefix=prefix, environment=lambda _: told
    )
    await started.prepare()
    try:
        for service in RUN:
            started.start(service)
        await started.serving(RUN)
        yield started
    finally:
        killed = started.stop(*RUN)
    assert killed == [], "processes that did not end when they were asked to"


class Upstream:
    """Hands facts and files over, and keeps every answer, to be scanned as well."""

    def __init__(self, deployment: Deployment, client: httpx.AsyncClient) -> None:
        self._deployment = deployment
        self._client = client
        self.answers: list[places.Place] = []
        self.statuses: Counter[int] = Counter()
        self.outcomes: Counter[str] = Counter()

    async def post(self, context: str, path: str, body: bytes, kind: str, **params: str) -> Any:
        headers = {"authorization": f"Bearer {self._deployment.operator_key}", "content-type": kind}
        answer = await self._client.post(
            f"{self._deployment.url(context)}{path}", content=body, headers=headers, params=params
        )
        self.answers.append((f"answer of {context}{path} {params}", answer.content))
        self.statuses[answer.status_code] += 1
        told = answer.json()
        receipt = told.get("receipt", told)
        if isinstance(receipt, dict):
            for outcome in ("accepted", "repeated", "set_aside", "rejected"):
                self.outcomes[outcome] += receipt.get(outcome, 0)
        return told

    async def file(self, context: str, name: str, body: bytes, **params: str) -> Any:
        params = {"name": name, "source": f"/office/{context}", "batch": name} | params
        return await self.post(context, "/files", body, "application/octet-stream", **params)

    async def read(self, path: str) -> None:
        key = {"authorization": f"Bearer {self._deployment.operator_key}"}
        answer = await self._client.get(f"{self._deployment.url('reporting')}{path}", headers=key)
        assert answer.status_code == 200, (path, answer.status_code)
        self.answers.append((f"answer of reporting{path}", answer.content))


def lines(facts: Iterable[street.Raw]) -> bytes:
    return b"\n".join(json.dumps(fact, ensure_ascii=False).encode() for fact in facts)


def by_context(facts: Iterable[street.Raw]) -> dict[str, list[street.Raw]]:
    found: dict[str, list[street.Raw]] = defaultdict(list)
    for fact in facts:
        found[fact["type"].split(".")[1]].append(fact)
    return found


async def golden_three_ways(upstream: Upstream, facts: list[street.Raw], settings: Settings) -> None:
    """A third over HTTP, a third as files, a third on the intake topics."""
    for context, some in by_context(facts[::3]).items():
        await upstream.post(context, "/events", lines(some), "application/x-ndjson")
        await upstream.post(context, "/events", lines(some[:1]), "application/json")
    for context, some in by_context(facts[1::3]).items():
        await upstream.file(context, "facts.ndjson", lines(some))
    await to_topics(upstream, settings, facts[2::3])


async def to_topics(upstream: Upstream, settings: Settings, facts: list[street.Raw]) -> None:
    key = upstream._deployment.operator_key
    holder = next(
        fact["data"]["account"]["holder_name"] for fact in facts if "account" in fact["data"]
    ).encode()
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    try:
        for fact in facts:
            topic = intake_topic(settings.topic_prefix, fact["type"].split(".")[1])
            value = json.dumps(fact).encode()
            headers = [sign(key, OPERATOR_SIGN, value), ("clerk", holder)]
            await producer.send(topic, value, key=holder, headers=headers)
        for context in UPSTREAM_CONTEXTS:
            topic = intake_topic(settings.topic_prefix, context)
            for wrong in street.wrong_events(facts):
                headers = [sign(key, OPERATOR_SIGN, wrong), (holder.decode(), holder)]
                await producer.send(topic, wrong, key=holder, headers=headers)
            await producer.send(topic, lines(facts[:1]), headers=[("authorization", b"Bearer " + holder)])
            await producer.send(topic, None, key=holder)
        await producer.flush()
    finally:
        await producer.stop()


async def office_work(upstream: Upstream, folder: Path) -> list[street.Raw]:
    """Every file of the offices, as it should be, again, and in nine ways as it should not be."""
    facts, _ = street.office_files(folder, seed=3)
    for entry in street.manifest(folder):
        path = folder / entry["path"]
        if entry["context"] is None:
            told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for context, some in by_context(told).items():
                await upstream.post(context, "/events", lines(some), "application/x-ndjson")
            continue
        given = {"source": entry["source"], "type": entry["type"]}
        told = await upstream.file(entry["context"], path.name, path.read_bytes(), **given)
        assert told["rejected"] == 0, told
    holder = next(fact["data"]["account"]["holder_name"] for fact in facts if "account" in fact["data"])
    for entry in street.manifest(folder)[-8:]:
        path = folder / entry["path"]
        if entry["context"] is None:
            continue
        for name, content in street.wrong_files(path):
            named = f"{holder}-{entry['kind']}-{name}"
            await upstream.file(entry["context"], named, content)
            await upstream.file(entry["context"], named, content, type=entry["type"])
    return facts


async def wrong_requests(upstream: Upstream, facts: list[street.Raw]) -> None:
    """Events that are none, one by one and among good ones; bodies that are nothing at all."""
    wrong = list(street.wrong_events(facts))
    for context in ("payments", "enrollment", "petitions"):
        for event in wrong:
            await upstream.post(context, "/events", event, "application/cloudevents+json")
        await upstream.post(context, "/events", b"\n".join(wrong), "application/x-ndjson")
        await upstream.post(context, "/events", b"[" + wrong[0], "application/cloudevents-batch+json")
        await upstream.post(context, "/events", wrong[0], "text/plain")
        await upstream.file(context, "wrong.ndjson", b"\n".join(wrong))


async def scan(deployment: Deployment, scanner: Scanner, answers: list[places.Place]) -> list[Sighting]:
    """Look everywhere, and make sure that there was something to look at."""
    settings, looked, found = deployment.settings, Counter[str](), list[Sighting]()
    async for place, data in places.records(settings.kafka, settings.topic_prefix):
        looked["dead letters" if f"{settings.topic_prefix}.dlq" in place else "records"] += 1
        looked["sealed with SM4"] += b"s1.sm4-gcm-sm3-" in data
        found += scanner.look(place, data)
    async for place, data in places.cells(settings.database_url):
        looked["rejected" if "reject" in place else "cells"] += 1
        found += scanner.look(place, data)
    for place, data in places.lines(deployment.stack.root / "log", deployment.stack.log("kafka")):
        looked["log lines"] += 1
        found += scanner.look(place, data)
    for place, data in places.lines(settings.journal):
        looked["journal"] += 1
        found += scanner.look(place, data)
    for place, data in answers:
        looked["answers"] += 1
        found += scanner.look(place, data)
    print(f"looked at {dict(looked)}")
    assert (looked["sealed with SM4"] > 1000) is settings.topic_prefix.endswith("-national")
    assert looked["records"] > 5000 and looked["cells"] > 20_000
    assert looked["dead letters"] > 200 and looked["rejected"] > 200
    assert looked["log lines"] > 50 and looked["answers"] > 100 and looked["journal"] > 1000
    return found


async def intake_is_full_of_it(settings: Settings, scanner: Scanner) -> bool:
    """Whether the scanner finds people where they may be: the check of the check."""
    consumer = AIOKafkaConsumer(
        intake_topic(settings.topic_prefix, "enrollment"),
        bootstrap_servers=settings.kafka,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        record = await consumer.getone()
        kinds = {sighting.secret.kind for sighting in scanner.look("intake", record.value)}
        return {"name", "ID number", "account number"} <= kinds
    finally:
        await consumer.stop()


async def test_nothing_readable_is_left_behind(deployment: Deployment, tmp_path: Path) -> None:
    settings = deployment.settings
    golden = street.golden()
    async with httpx.AsyncClient(timeout=60) as client:
        upstream = Upstream(deployment, client)
        await golden_three_ways(upstream, golden, settings)
        simulated = await office_work(upstream, tmp_path / "office")
        await wrong_requests(upstream, golden)
        for some in (golden, simulated):
            await close_day(
                settings, street.latest_day(some) + timedelta(days=400 if some is golden else 800)
            )
        pool = await open_pool(settings.database_url, size=2)
        try:
            done = await wait_until_done(settings, pool, patience=120)
            assert done is not None, "not everything is worked through"
        finally:
            await pool.close()
        for path in ("/anomalies", "/ledgers/payments", "/ledgers/recipients", "/ledgers/petitions"):
            await upstream.read(path)
    print(f"answers {dict(upstream.statuses)}, facts {dict(upstream.outcomes)}")
    assert upstream.outcomes["accepted"] > 700 and upstream.outcomes["rejected"] > 300
    assert {200, 202} & upstream.statuses.keys() and upstream.statuses[422] > 20

    scanner = Scanner(secrets_of([fact["data"] for fact in (*golden, *simulated)]))
    assert await intake_is_full_of_it(settings, scanner)
    sightings = await scan(deployment, scanner, upstream.answers)
    by_place = Counter((sighting.place.partition(" of ")[0], sighting.secret.kind) for sighting in sightings)
    assert sightings == [], (by_place, sightings[:20])
