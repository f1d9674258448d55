"""The topics of a deployment: made once, and those of an earlier version given the settings of this one."""

import uuid

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import Stack
from events.catalogue import intake_topic, log_topic
from services.platform.settings import Settings
from services.platform.topics import MAX_LOG_RECORD_BYTES, create_topics
from tests.services.platform.topic_config import config_of


async def test_a_topic_of_an_earlier_version_has_the_settings_of_this_one(stack: Stack) -> None:
    settings = Settings(kafka=stack.kafka, topic_prefix=f"s{uuid.uuid4().hex[:8]}", partitions=1)
    old = intake_topic(settings.topic_prefix, "payments")
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(old, 1, 1, topic_configs={"segment.ms": "3600000"})])
        assert (await config_of(admin, old))["compression.type"] == "producer"
        for _ in range(2):
            await create_topics(settings)
            found = await config_of(admin, old)
            assert (found["compression.type"], found["retention.ms"]) == ("uncompressed", "259200000")
            assert found["segment.ms"] == "3600000", "what an operator set stays"
    finally:
        await admin.close()


async def test_a_topic_that_a_fact_does_not_fit_into_is_mended(stack: Stack) -> None:
    """Whoever set that. More than is needed stays."""
    settings = Settings(kafka=stack.kafka, topic_prefix=f"s{uuid.uuid4().hex[:8]}", partitions=1)
    small, large = (log_topic(settings.topic_prefix, name) for name in ("payments", "vitals"))
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    try:
        for name, most in ((small, "300"), (large, "9000000")):
            await admin.create_topics([NewTopic(name, 1, 1, topic_configs={"max.message.bytes": most})])
            assert (await config_of(admin, name))["max.message.bytes"] == most
        await create_topics(settings)
        assert (await config_of(admin, small))["max.message.bytes"] == str(MAX_LOG_RECORD_BYTES)
        assert (await config_of(admin, large))["max.message.bytes"] == "9000000"
    finally:
        await admin.close()
