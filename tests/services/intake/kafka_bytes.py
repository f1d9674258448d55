"""Batches of records as bytes, so that a test can write what no client writes."""

import asyncio
import struct
import time
from collections.abc import Iterable, Sequence

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NotLeaderForPartitionError, for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint

from services.platform.settings import Settings

Headers = Sequence[tuple[bytes, bytes | None]]
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4


def record(
    number: int, value: bytes | None, headers: Headers = (), key: bytes | None = None, tail: bytes = b""
) -> bytes:
    """A record, the ``number``-th of its batch; ``tail`` is more than it says it has."""
    body = b"\x00" + varint(0) + varint(number) + _nullable(key) + _nullable(value) + varint(len(headers))
    for name, held in headers:
        body += varint(len(name)) + name + _nullable(held)
    return varint(len(body + tail)) + body + tail


def batch(records: Iterable[bytes], *, codec: int = 0, packed: bytes | None = None) -> bytes:
    """A batch of records; ``packed``: what stands in place of the packed records."""
    records = list(records)
    content = b"".join(records) if packed is None else packed
    now = int(time.time() * 1000)
    head = struct.pack(
        ">hiqqqhii", codec, len(records) - 1, now, now, -1, -1, -1, len(records)
    )  # attributes to number of records
    checked = head + content
    return struct.pack(">qiibI", 0, 9 + len(checked), -1, 2, calc_crc32c(checked)) + checked


async def produce(settings: Settings, topic: str, content: bytes) -> None:
    """Write a batch to the first partition of a topic."""
    client = AIOKafkaClient(bootstrap_servers=settings.kafka)
    await client.bootstrap()
    try:
        await client.set_topics([topic])
        leader = client.cluster.leader_for_partition(TopicPartition(topic, 0))
        request = ProduceRequest(None, -1, 5_000, [(topic, [(0, content)])])
        code = NotLeaderForPartitionError.errno
        while code == NotLeaderForPartitionError.errno:  # as long as the topic is being made
            await asyncio.sleep(0.1)
            ((_, ((_, code, *_),)),) = (await client.send(leader, request)).topics
        if code:
            raise for_code(code)
    finally:
        await client.close()


def varint(value: int) -> bytes:
    """A number as Kafka writes it."""
    written = bytearray()
    encode_varint(value, written.append)
    return bytes(written)


def _nullable(value: bytes | None) -> bytes:
    return varint(-1) if value is None else varint(len(value)) + value
