"""What the CloudEvents project's SDKs send by default goes in, over HTTP and Kafka."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from cloudevents.core.bindings import http, kafka
from cloudevents.core.v1.event import CloudEvent

from events.catalogue import intake_topic
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.platform.settings import Settings
from tests.contract.serving import run, served
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import read
from tests.services.platform.golden import facts_of

FACTS = [fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1"][:4]
FACTS[0]["id"] = "nr 1/50%"


def made(fact: dict[str, Any]) -> CloudEvent:
    """The fact as an event of the SDK for Python."""
    attributes = {name: value for name, value in fact.items() if name != "data"}
    return CloudEvent({**attributes, "time": datetime.fromisoformat(fact["time"])}, fact["data"])


async def put(settings: Settings, *messages: tuple[dict[str, bytes], bytes]) -> None:
    """Put messages onto the intake topic of payments."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    try:
        for headers, value in messages:
            topic = intake_topic(settings.topic_prefix, "payments")
            said = list(headers.items())
            await producer.send_and_wait(
                topic, value, headers=[*said, sign(OPERATOR_KEY, OPERATOR_SIGN, value, said)]
            )
    finally:
        await producer.stop()


async def all_there(settings: Settings, facts: list[dict[str, Any]]) -> None:
    """Wait until facts are on the log, each once."""
    async with asyncio.timeout(60):
        while len(events := await read(settings, "payments")) < len(facts):
            await asyncio.sleep(0.2)
    assert sorted(event.serial for event in events) == sorted(fact["id"] for fact in facts)


async def test_the_sdk_for_python(listening: Settings) -> None:
    key = {"authorization": f"Bearer {OPERATOR_KEY}"}
    # No header can hold the first id as it is: this SDK writes it with %, that for JavaScript cannot.
    facts = [{**FACTS[0], "id": "编号 1"}, *FACTS[1:]]
    first, second, third, fourth = (made(fact) for fact in facts)
    async with served(listening, "payments") as address, httpx.AsyncClient() as client:
        for message in (http.to_binary_event(first), http.to_structured_event(second)):
            headers = {**message.headers, **key}
            answer = await client.post(f"{address}/events", content=message.body, headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (202, "accepted"), answer.text
        messages = (kafka.to_binary_event(third), kafka.to_structured_event(fourth))
        await put(listening, *((dict(message.headers), _bytes(message.value)) for message in messages))
        await all_there(listening, facts)


async def test_the_sdk_for_javascript(listening: Settings, tmp_path: Path) -> None:
    key = OPERATOR_KEY
    async with served(listening, "payments") as address:
        script = str(Path(__file__).with_name("sdk.mjs"))
        given = json.dumps(FACTS).encode()
        code, said = await run("node", script, address, key, folder=tmp_path, given=given)
        assert code == 0, said
        found = json.loads(said)
        statuses = [(status, answer["status"]) for status, answer in found["answers"]]
        assert statuses == [(202, "accepted"), (202, "accepted"), (202, "repeated"), (202, "accepted")], said
        messages = (
            ({name: text.encode() for name, text in message["headers"].items()}, message["value"].encode())
            for message in found["messages"]
        )
        await put(listening, *messages)
        await all_there(listening, FACTS)


async def test_the_sdk_for_java(listening: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JDK_JAVA_OPTIONS", raising=False)  # java would say that it has them
    key, folder = OPERATOR_KEY, Path(__file__).with_name("java")
    found = tmp_path / "classpath"
    command = ["mvn", "-q", "-B", "-f", str(folder / "pom.xml"), "dependency:build-classpath"]
    code, said = await run(*command, f"-Dmdep.outputFile={found}", folder=tmp_path)
    assert code == 0, said
    topic = intake_topic(listening.topic_prefix, "payments")
    async with served(listening, "payments") as address:
        code, said = await run(
            "java",
            "-cp",
            found.read_text(encoding="utf-8").strip(),
            str(folder / "Sdk.java"),
            *(address, key, listening.kafka, topic),
            folder=tmp_path,
            given=json.dumps(FACTS).encode(),
        )
        assert (code, said.strip()) == (0, "202"), said
        await all_there(listening, FACTS[:3])


def _bytes(value: str | bytes | None) -> bytes:
    assert isinstance(value, bytes)
    return value
