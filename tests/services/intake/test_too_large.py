"""What is too large for Kafka is refused for that, and is not taken for a Kafka that is away."""

import asyncio
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events.catalogue import dead_letter_topic, intake_topic, log_topic
from services.intake.context import open_intake
from services.payments.service import DECLARATION as PAYMENTS
from services.platform import protection
from services.platform.failure import PipelineStoppedError
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.platform.golden import facts_of
from tests.services.platform.topic_config import config_of

PAID = [fact for fact in facts_of("payments") if fact["type"] == "dibao.payments.paid.v1"][:4]


async def alter(settings: Settings, topic: str, **config: str) -> None:
    """Set what an operator may set of a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        changed = {name.replace("_", "."): value for name, value in config.items()}
        (answer,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, changed)])
        assert answer.resources[0][0] == 0
        # The broker hears of it a moment later.
        while not changed.items() <= (await config_of(admin, topic)).items():
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def test_a_fact_that_the_log_would_keep_as_too_large_is_refused(
    settings: Settings, open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract has none so far: its lists are bounded."""
    async with client(await open_context("payments")) as http:
        with monkeypatch.context() as patch:
            patch.setattr(protection, "MAX_FACT_BYTES", 200)
            answer = await http.post("/events", json=PAID[0])
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert (error["field"], error["code"]) == ("event", "fact-too-large")
        assert (await http.post("/events", json=PAID[0])).status_code == 202
    assert [event.serial for event in await read(settings)] == [PAID[0]["id"]]


async def test_a_fact_that_a_topic_does_not_take_is_told_from_a_kafka_that_is_away(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    await alter(settings, log_topic(settings.topic_prefix, "payments"), max_message_bytes="300")
    async with client(intake) as http:
        for _ in range(2):
            answer = await http.post("/events", json=PAID[0])
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["code"] == "fact-too-large"
        await alter(settings, log_topic(settings.topic_prefix, "payments"), max_message_bytes="4194304")
        assert (await http.post("/events", json=PAID[0])).status_code == 202


@pytest.mark.parametrize("topic", [log_topic, intake_topic, lambda prefix, _: dead_letter_topic(prefix)])
async def test_a_topic_that_takes_too_little_is_seen_at_the_start(settings: Settings, topic: Any) -> None:
    name = topic(settings.topic_prefix, "payments")
    await alter(settings, name, max_message_bytes="1000")
    with pytest.raises(PipelineStoppedError, match=f"The topic {name} takes records of 1000 bytes, and must"):
        async with open_intake([PAYMENTS], settings):
            pass


async def test_a_topic_that_keeps_records_packed_is_seen_at_the_start(settings: Settings) -> None:
    name = intake_topic(settings.topic_prefix, "payments")
    await alter(settings, name, compression_type="producer")
    with pytest.raises(PipelineStoppedError, match="unpack to gigabytes: set it to uncompressed"):
        async with open_intake([PAYMENTS], settings):
            pass
