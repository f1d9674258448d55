"""Everything that a deployment leaves behind: records of topics, cells of tables, lines of log files."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

Place = tuple[str, bytes]
"""What a place is called, and what stands there."""

_CELLS_A_TIME = 2000


async def records(kafka: str, prefix: str = "dibao") -> AsyncIterator[Place]:
    """Key, value and headers of every record, dead letters included, of every topic of this Kafka but intake.

    Topics of other prefixes are left out: they are other tests'. Kafka's own topics are looked at.
    """
    partitions = await _partitions(kafka, prefix)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if await consumer.position(partition) < ends[partition]}
        while left:
            for partition, batch in (await consumer.getmany(*left, timeout_ms=1000)).items():
                for record in batch:
                    where = f"{partition.topic}, partition {partition.partition}, offset {record.offset}"
                    yield f"key of {where}", record.key or b""
                    yield f"value of {where}", record.value or b""
                    for name, value in record.headers:
                        yield f"header {name} of {where}", name.encode() + b"\0" + (value or b"")
            left = {partition for partition in left if await consumer.position(partition) < ends[partition]}
    finally:
        await consumer.stop()


async def _partitions(kafka: str, prefix: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        topics = [
            topic
            for topic in await admin.list_topics()
            if topic.startswith(("__", f"{prefix}.")) and not topic.startswith(f"{prefix}.intake.")
        ]
        assert f"{prefix}.dlq" in topics, f"Kafka has no topics of the prefix {prefix}"
        return [
            TopicPartition(description["topic"], partition["partition"])
            for description in await admin.describe_topics(topics)
            for partition in description["partitions"]
        ]
    finally:
        await admin.close()


async def cells(database_url: str) -> AsyncIterator[Place]:
    """Every cell of every table and materialised view of every schema but ``vault`` and PostgreSQL's own.

    Temporary tables are left out: only the session that made them can read them.
    """
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetch(
            """
            select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm', 'f') and c.relpersistence <> 't'
              and n.nspname not in ('vault', 'pg_catalog', 'information_schema', 'pg_toast')
            order by 1
            """
        )
        for (name,) in tables:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                async for row in connection.cursor(f"select * from {name}", prefetch=_CELLS_A_TIME):
                    for column, value in row.items():
                        if value is not None:
                            yield f"{name}.{column}", _said(value)
    finally:
        await connection.close()


def _said(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (list, tuple, set, asyncpg.Record)):
        return b"\0".join(_said(item) for item in value)
    return str(value).encode()


def lines(*folders: Path) -> Iterator[Place]:
    """Every line of every file below the folders, or of single files."""
    for folder in folders:
        for file in sorted(path for path in (folder, *folder.rglob("*")) if path.is_file()):
            for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
                yield f"{file.name}, line {number}", line
