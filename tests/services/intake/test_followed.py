"""Facts that are followed: what intake puts onto the log of them, with a collector that is there or not."""

import json
import socket
import time

import httpx
import pytest
from aiokafka import ConsumerRecord

from services.intake.context import Intake
from services.intake.http import application
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.intake.topic import take_records
from services.platform import tracing
from services.platform.requests import Timed
from services.platform.settings import Settings
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, raw, read
from tests.services.platform.golden import facts_of
from tests.tracing.recording import recorded

FACTS = facts_of("payments")


def trace_of(number: int, *, sampled: bool = True) -> str:
    return f"00-{number:032x}-{number:016x}-0{int(sampled)}"


def client(intake: Intake) -> httpx.AsyncClient:
    """A client of intake as it is served, by requests that are timed and followed."""
    transport = httpx.ASGITransport(app=Timed(application(intake)))
    key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    return httpx.AsyncClient(transport=transport, base_url="http://intake", headers=key)


def consumed(offset: int, value: bytes, said: list[tuple[str, str]]) -> ConsumerRecord:
    """A record of an intake topic, signed by the operator."""
    headers = [*((name, text.encode()) for name, text in said), sign(OPERATOR_KEY, OPERATOR_SIGN, value)]
    return ConsumerRecord("t", 0, offset, 0, 0, None, value, None, -1, len(value), tuple(headers))


async def traces(settings: Settings) -> dict[str, str | None]:
    """What the log says of each fact's trace, by the upstream's id."""
    found: dict[str, str | None] = {}
    for record in await raw(settings, f"{settings.topic_prefix}.payments"):
        headers = {name: value.decode() for name, value in record.headers}
        found[headers["ce_serial"]] = headers.get("ce_traceparent")
    return found


async def test_facts_of_a_request_go_on_in_its_trace_and_requests_of_people_are_not_asked_after(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    with recorded("parentbased_always_off") as recording:
        async with client(intake) as http:
            answer = await http.post("/events", json=FACTS[:3], headers={"traceparent": trace_of(7)})
            assert answer.status_code == 202, answer.text
            await http.post("/events", json=FACTS[3:5])
            await http.get("/health", headers={"traceparent": trace_of(8)})
            await http.get("/receipts/500102195203141276", headers={"traceparent": trace_of(9)})
    asked = recording.one("POST /events")
    publish = recording.one(f"publish {settings.topic_prefix}.payments")
    context = f"00-{7:032x}-{publish.context.span_id:016x}-01"
    assert await traces(settings) == {
        **{fact["id"]: context for fact in FACTS[:3]},
        **{fact["id"]: None for fact in FACTS[3:5]},
    }
    assert asked.attributes == {
        "http.request.method": "POST",
        "http.route": "/events",
        "http.response.status_code": 202,
        "dibao.service": "-",
    }
    assert recording.one("GET /receipts/{receipt_id}")
    assert len(recording.spans) == 3
    assert len(await read(settings)) == 5, "genuine, and read as ever"


async def test_records_of_an_intake_topic_go_on_in_their_own_traces(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    values = [json.dumps(fact).encode() for fact in FACTS[:4]]
    sent = [
        ("traceparent", trace_of(7)),
        ("ce_traceparent", trace_of(8)),
        ("traceparent", trace_of(9, sampled=False)),
    ]
    with recorded("parentbased_always_off") as recording:
        await take_records(
            intake,
            [consumed(at, value, sent[at : at + 1]) for at, value in enumerate(values)],
        )
    receive = recording.one(f"receive {settings.topic_prefix}.intake.payments")
    assert receive.parent is not None and receive.parent.span_id == 7
    assert [link.context.span_id for link in receive.links] == [8]
    publish = recording.one(f"publish {settings.topic_prefix}.payments")
    context = f"00-{7:032x}-{publish.context.span_id:016x}-01"
    assert [*(await traces(settings)).values()] == [trace_of(7), trace_of(8), context, context]


async def test_a_collector_that_never_answers_loses_nothing_and_holds_nobody_up(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = await open_context("payments")
    slowest = 0.0
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "30")
        monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "16")
        monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
        tracing.begin("dibao.payments")
        try:
            async with client(intake) as http:
                for fact in FACTS[:40]:
                    began = time.monotonic()
                    answer = await http.post("/events", json=fact)
                    slowest = max(slowest, time.monotonic() - began)
                    assert answer.status_code == 202, answer.text
        finally:
            began = time.monotonic()
            tracing.end()
            took = time.monotonic() - began
    assert slowest < 10, "nothing waits for the collector"
    assert took < 5, "nor does the end of the process"
    found = await traces(settings)
    assert len(found) == 40 and None not in found.values()
