"""How a topic is set up."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType


async def config_of(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """The settings of a topic, defaults included."""
    entries: list[tuple[str, str]] = []
    while not entries:  # the broker hears of a new topic a moment later
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        [(*_, entries)] = answer.resources
    return {name: value for name, value, *_ in entries}
