"""A relay as a process of its own: of the schema ``owner``, with the fault that the settings name."""

import asyncio

from services.platform.authorship import LogKeys
from services.platform.fault import Fault
from services.platform.outbox import Relay
from services.platform.producer import open_producer
from services.platform.settings import Settings


async def main() -> None:
    settings = Settings()
    producer = await open_producer(settings)
    keys = LogKeys.from_settings(settings)
    relay = Relay(settings.database_url, "owner", producer, keys, Fault(settings.fault))
    await relay.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
