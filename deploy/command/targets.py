"""The original of a fact that is to be undone, opened, so that its void can repeat it."""

from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from events.catalogue import BY_TYPE
from events.codec import decode
from events.envelope import Event, event_id_of
from projections.schema import schema_name
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.vault import Vault


async def void_of(
    settings: Settings, pool: asyncpg.Pool, source: str, serial: str
) -> tuple[str, dict[str, Any]] | None:
    """Return the type of a fact and the readable fields that its void repeats, or None."""
    generation = await pool.fetchval("SELECT live FROM platform.generation WHERE name = 'projection'")
    if generation is None:
        return None
    place = await pool.fetchrow(
        f'SELECT topic, partition, "offset" FROM {schema_name(generation)}.fact WHERE event_id = $1 LIMIT 1',
        event_id_of(source, serial),
    )
    if place is None:
        return None
    event = await _read(settings, place["topic"], place["partition"], place["offset"])
    vault = Vault(pool, Keys.from_settings(settings))
    return event.type, await _repeated(event, vault)


async def _read(settings: Settings, topic: str, partition: int, offset: int) -> Event:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, enable_auto_commit=False, auto_offset_reset="none"
    )
    await consumer.start()
    try:
        where = TopicPartition(topic, partition)
        consumer.assign([where])
        consumer.seek(where, offset)
        record = await consumer.getone(where)
        return decode(record.value, record.headers)
    finally:
        await consumer.stop()


async def _repeated(event: Event, vault: Vault) -> dict[str, Any]:
    entry = event.entry
    wanted = BY_TYPE[f"dibao.{entry.context}.voided.v1"].readable.model_fields
    data = event.fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    protected = {spot.path: spot.protection for spot in entry.protected}
    repeated: dict[str, Any] = {}
    for name in wanted:
        if name not in data or name in ("source", "id", "type", "reason", "digest"):
            continue
        kind = protected.get((name,))
        if kind is None and not any(path[0] == name for path in protected):
            repeated[name] = data[name]
        elif kind is not None and kind != "text":
            repeated[name] = await _open(vault, event, name, kind, data[name])
    return repeated


async def _open(vault: Vault, event: Event, path: str, kind: str, value: dict[str, Any]) -> Any:
    subject = value["person_id"] if kind == "person" else value["account_id"]
    opened = orjson.loads(await vault.open(subject, str(event.event_id), path, value["sealed"]))
    if kind == "account_number":
        return opened["number"]
    if kind == "account":
        kept = {name: value[name] for name in ("bank", "institution") if name in value}
        return {**opened, **kept}
    return opened
