"""The one kind of producer: idempotent, acknowledged by all replicas, quick to say that Kafka is away."""

import asyncio

from aiokafka import AIOKafkaProducer

from services.platform.kafka import connection
from services.platform.running import to_its_end
from services.platform.settings import Settings
from services.platform.topics import MAX_LOG_RECORD_BYTES

REQUEST_TIMEOUT_MS = 5_000

SEND_SECONDS = 10.0
"""How long whoever sends should wait for an acknowledgement, with ``asyncio.timeout``.

aiokafka never gives a record of an idempotent producer up: a lost one would leave a hole in its sequence. So
a record that was waited for too long may still be written later, in its order; whoever repeats it repeats
the same event id.
"""


async def open_producer(settings: Settings, *, linger_ms: int = 5) -> AIOKafkaProducer:
    """Return a started producer; end it with ``close_producer``.

    Records of one partition keep the order of the calls of ``send``. Raises KafkaConnectionError at once
    where no broker answers.
    """
    producer = AIOKafkaProducer(
        **connection(settings),
        enable_idempotence=True,
        acks="all",
        linger_ms=linger_ms,
        max_batch_size=256 * 1024,
        max_request_size=MAX_LOG_RECORD_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        metadata_max_age_ms=30_000,
    )
    try:
        # A client that is cancelled while it connects leaks the connection.
        await to_its_end(producer.start())
    except BaseException:
        await producer.stop()
        raise
    return producer


async def close_producer(producer: AIOKafkaProducer, seconds: float = SEND_SECONDS) -> None:
    """Stop a producer: flush it, but where Kafka is away for ``seconds`` leave what was not acknowledged."""
    stopping = asyncio.ensure_future(producer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=seconds)
    if not done:
        stopping.cancel()
        await producer._sender.close()
        await producer.client.close()
    await asyncio.gather(stopping, return_exceptions=True)
