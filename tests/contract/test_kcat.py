"""A topic of the log, as whoever runs Kafka sees it with kcat: readable, and nobody named."""

import json
import re
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from deploy.contract.specimens import specimens
from deploy.local import Stack
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings
from services.platform.topics import create_topics

PAYMENTS = [specimen for specimen in specimens().values() if specimen.entry.context == "payments"]


@pytest.fixture
async def topic(stack: Stack) -> AsyncIterator[str]:
    """A log topic on a real Kafka, with the records of the payments' examples."""
    prefix = f"t{uuid.uuid4().hex[:10]}"
    settings = Settings(kafka=stack.kafka, topic_prefix=prefix, partitions=1)
    await create_topics(settings)
    producer = await open_producer(settings)
    try:
        for specimen in PAYMENTS:
            await producer.send_and_wait(
                f"{prefix}.payments", specimen.value, specimen.key, headers=list(specimen.headers)
            )
    finally:
        await close_producer(producer)
    yield f"{prefix}.payments"


def kcat(stack: Stack, topic: str, *options: str) -> str:
    """What kcat prints of a topic, from its beginning to its end."""
    if shutil.which("kcat") is None:
        pytest.fail(
            "kcat is not installed: run `make tools`, or install it (Debian, Ubuntu: apt install kcat)"
        )
    command = ["kcat", "-C", "-b", stack.kafka, "-t", topic, "-o", "beginning", "-e", "-q", *options]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    return said.stdout


async def test_kcat_prints_key_headers_and_json_for_people(stack: Stack, topic: str) -> None:
    text = kcat(stack, topic, "-f", "%k  %h\n%s\n\n")
    assert len(text.strip().split("\n\n")) == len(PAYMENTS)
    head, value = text.split("\n\n")[0].split("\n")
    key, _, headers = head.partition("  ")
    assert key == "LZ000817"
    assert "ce_type=dibao.payments.paid.v1" in headers
    assert "ce_source=/bank/psbc/500102" in headers
    assert "ce_time=2021-06-28T01:30:00Z" in headers
    assert "content-type=application/json" in headers
    assert '"month":"2021-06","paid_on":"2021-06-28","amount_fen":54000' in value
    assert '"bank":"邮储银行"' in value
    assert re.search(r'"account_id":"a\.[A-Za-z0-9_-]{22}"', value)


async def test_kcat_shows_nobodys_name_or_number(stack: Stack, topic: str) -> None:
    text = kcat(stack, topic, "-f", "%k %h %s\n")
    readable = json.dumps([specimen.fact for specimen in PAYMENTS], ensure_ascii=False)
    hidden = {"金和义", "500102195203141276", "6217000000007922", "账户已注销"}
    assert all(word in readable for word in hidden)
    assert [word for word in hidden if word in text] == []


async def test_the_cloudevents_sdk_reads_what_kcat_prints_as_json(stack: Stack, topic: str) -> None:
    events = [from_kafka_event(message_of(line)) for line in kcat(stack, topic, "-J").splitlines()]
    assert [event.get_type() for event in events] == [specimen.entry.name for specimen in PAYMENTS]
    assert [event.get_data() for event in events] == [specimen.data for specimen in PAYMENTS]


def message_of(line: str) -> KafkaMessage:
    """The record that kcat printed as JSON: its headers are a list, name and value in turn."""
    record = json.loads(line)
    flat = record["headers"]
    headers = {name: value.encode() for name, value in zip(flat[::2], flat[1::2], strict=True)}
    return KafkaMessage(headers, record["key"], record["payload"].encode())
