"""The one kind of producer: idempotent, acknowledged by all replicas, quick to say that Kafka is away."""

from aiokafka import AIOKafkaProducer

from services.platform.settings import Settings

REQUEST_TIMEOUT_MS = 5_000
"""After this long a record that Kafka did not acknowledge fails with KafkaTimeoutError or another KafkaError.

It may nevertheless have been written: whoever repeats it repeats the same event id.
"""


async def open_producer(settings: Settings, *, linger_ms: int = 5) -> AIOKafkaProducer:
    """Return a started producer; stop it with ``await producer.stop()``.

    Records of one partition keep the order of the calls of ``send``. Raises KafkaConnectionError at once
    where no broker answers.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        enable_idempotence=True,
        acks="all",
        linger_ms=linger_ms,
        max_batch_size=256 * 1024,
        max_request_size=4 * 1024 * 1024,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=100,
        metadata_max_age_ms=30_000,
    )
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer
