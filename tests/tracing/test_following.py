"""One fact, from the request of its upstream on, through real processes, Kafka and PostgreSQL."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import Stack
from services.alerting.subscription import Bounds
from services.platform.database import open_pool
from tests.deployment import Deployment
from tests.privacy.scanner import Scanner, secrets_of
from tests.services.alerting.office import Office
from tests.services.alerting.receiver import SECRET, Receiver
from tests.services.detection.upstream import Raw, paid, void
from tests.tracing.collector import Collector

RUN = ("payments", "detection", "projector", "alerting", "reporting")
AT_ONCE = Bounds(gather=Bounds().gather / 50)


def trace_of(number: int, *, sampled: bool = True) -> str:
    return f"00-{number:032x}-{number:016x}-0{int(sampled)}"


@pytest.fixture
async def deployment(
    stack: Stack, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Deployment]:
    """What a fact goes through, told of a collector that is there or not; only what upstream follows."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    prefix = f"t{uuid.uuid4().hex[:10]}"
    made = Deployment(stack, tmp_path, name=prefix, database_url=database, prefix=prefix)
    await made.prepare()
    yield made
    assert made.stop(*RUN) == [], "processes that did not end when they were asked to"


async def start(deployment: Deployment) -> None:
    for service in RUN:
        deployment.start(service)
    await deployment.serving(RUN)


def traces_told(receiver: Receiver) -> set[str]:
    """The traces that a receiver of webhooks was told."""
    return {one.split("-")[1] for one in receiver.traces if one is not None}


async def state(deployment: Deployment, fact: Raw, **headers: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.post(
            f"{deployment.url('payments')}/events",
            content=json.dumps(fact, ensure_ascii=False),
            headers={
                "authorization": f"Bearer {deployment.operator_key}",
                "content-type": "application/cloudevents+json",
                **headers,
            },
        )
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    assert told["status"] == "accepted"
    return told


async def read(deployment: Deployment, position: str, **headers: str) -> None:
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.get(
            f"{deployment.url('reporting')}/ledgers/payments",
            params={"min_position": position},
            headers={"authorization": f"Bearer {deployment.operator_key}", **headers},
        )
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def subscribed(deployment: Deployment, receiver: Receiver) -> AsyncIterator[None]:
    pool = await open_pool(deployment.settings.database_url, size=1)
    async with pool, receiver.listening():
        await Office(pool).subscribe(target=receiver.url, secret=SECRET, bounds=AT_ONCE)
        yield


async def test_one_fact_is_one_trace_to_row_anomaly_and_notice(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, receiver = Collector(), Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    facts = [
        paid(f"LZ00{number}", "2021-02", "涂英秋", number=f"621700000000000{number}") for number in range(3)
    ]
    async with subscribed(deployment, receiver), collector.listening():
        await start(deployment)
        await state(deployment, facts[0])
        await state(deployment, facts[1], traceparent=trace_of(7))
        await state(deployment, facts[2], traceparent=trace_of(8, sampled=False))
        await collector.until(lambda: len({one["subject"] for one in receiver.taken.values()}) == 3)
        told = await state(deployment, void(facts[1]), **{"ce-traceparent": trace_of(9)})
        await collector.until(lambda: f"{9:032x}" in traces_told(receiver))
        await read(deployment, told["position"], traceparent=trace_of(10))
        # What is left is sent away at the end.
        assert await asyncio.to_thread(deployment.stop, *RUN) == []
    topic = f"{deployment.settings.topic_prefix}."
    begun = ["POST /events", f"publish {topic}payments"]
    for trace in (f"{7:032x}", f"{9:032x}"):
        ways = {(one.process, *collector.way(one)) for one in collector.spans if one.trace == trace}
        announced = [*begun, "announce"]
        taken = [*announced, "process alerting"]
        told_of = [*announced, "tell notice"]
        assert ways == {
            ("dibao.payments", *begun[:1]),
            ("dibao.payments", *begun),
            ("dibao.detection", *begun, "process detection"),
            ("dibao.projector", *begun, "process projector"),
            ("dibao.detection", *announced),
            ("dibao.detection", *announced, f"publish {topic}anomalies"),
            ("dibao.projector", *announced, "process projector"),
            ("dibao.alerting", *taken),
            ("dibao.alerting", *told_of),
            ("dibao.alerting", *told_of, "deliver webhook"),
        }
        by_name = {one.name: one for one in collector.spans if one.trace == trace}
        assert by_name["announce"].links == (by_name["process detection"].id,)
        assert f"00-{trace}-{by_name['deliver webhook'].id}-01" in receiver.traces
    assert [one.name for one in collector.spans if one.trace == f"{10:032x}"] == ["GET /ledgers/payments"]
    assert {one.trace for one in collector.spans} == {f"{number:032x}" for number in (7, 9, 10)}
    assert traces_told(receiver) == {f"{7:032x}", f"{9:032x}"}
    assert not [one for one in collector.spans if one.failed]

    scanner = Scanner({secret for fact in facts for secret in secrets_of(fact["data"])})
    said = [("an export", body) for body in collector.bodies]
    said += [("a header", str(one).encode()) for one in receiver.traces]
    assert scanner.look_all(said) == []
    everything = b"".join(collector.bodies)
    for fact in facts:
        assert fact["data"]["household_no"].encode() not in everything
        assert fact["id"].encode() not in everything
