"""The original of a fact that is to be undone, opened, so that its void can repeat it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from deploy.local.errors import StackError
from events.catalogue import BY_TYPE, TYPES, log_topic
from events.codec import decode
from events.envelope import Event, event_id_of
from projections.schema import schema_name
from services.intake.answers import Unavailable
from services.intake.numbers import number_of_values, stating
from services.intake.publisher import Place
from services.intake.recall import Recall
from services.intake.versions import histories_of
from services.platform.openings import Opener
from services.platform.settings import Settings


class SeveralError(Exception):
    """Several facts have the number."""


class VersionError(Exception):
    """A fact has several versions and none is named, or not one of them: ``digests`` are those it has."""

    def __init__(self, digests: Sequence[str]) -> None:
        super().__init__(", ".join(digests))
        self.digests = digests


async def void_of(
    settings: Settings,
    opener: Opener,
    source: str,
    name: str,
    digest: str | None = None,
    *,
    all_versions: bool = False,
) -> tuple[str, str, dict[str, Any]] | None:
    """Return the type of a fact, its id, and the readable fields that its void repeats, or None.

    It is named by the id that its source gave it, or by its number (发放编号); where several versions of it
    stand, by the digest of one as well. Raises SeveralError, VersionError.
    """
    recall, pool = Recall(settings), opener.pool
    try:
        event = await _by_serial(recall, pool, source, name)
        if event is None:
            event = await _by_number(recall, settings, pool, source, name)
        if event is not None:
            wanted = await _version(pool, event.event_id, digest, all_versions=all_versions)
            if wanted is not None:
                event = await _read(recall, log_topic(settings.topic_prefix, event.entry.context), wanted)
    except Unavailable as error:
        raise StackError(error.sentence.english) from error
    finally:
        await recall.close()
    if event is None:
        return None
    return event.type, event.serial, await _repeated(event, opener)


async def _by_serial(recall: Recall, pool: asyncpg.Pool, source: str, serial: str) -> Event | None:
    generation = await pool.fetchval("SELECT live FROM platform.generation WHERE name = 'projection'")
    if generation is None:
        return None
    place = await pool.fetchrow(
        f'SELECT topic, partition, "offset" FROM {schema_name(generation)}.fact WHERE event_id = $1 LIMIT 1',
        event_id_of(source, serial),
    )
    if place is None:
        return None
    return await _read(recall, place["topic"], Place(place["partition"], place["offset"]))


async def _version(
    pool: asyncpg.Pool, event_id: UUID, digest: str | None, *, all_versions: bool
) -> Place | None:
    """Return where the version stands that is to be undone, if one is named and it was noted."""
    history = (await histories_of(pool, [event_id])).get(event_id)
    if history is None:
        return None
    if digest is not None and digest not in history.places:
        raise VersionError(sorted(history.places))
    if digest is None and not all_versions and len(history.standing) > 1:
        raise VersionError(sorted(history.standing))
    return history.places[digest] if digest is not None else None


async def _by_number(
    recall: Recall, settings: Settings, pool: asyncpg.Pool, source: str, number: str
) -> Event | None:
    entries = {
        asked: entry
        for entry in TYPES
        if len(entry.unique) == 1
        and (asked := number_of_values(entry, {entry.unique[0]: number})) is not None
    }
    found: dict[UUID, Event] = {}
    facts = await stating(pool, list(entries))
    for asked, place in {(fact.number, fact.place) for fact in facts if fact.place and not fact.undone}:
        topic = log_topic(settings.topic_prefix, entries[asked].context)
        event = await _read(recall, topic, place)
        if event is not None and event.source == source:
            found[event.event_id] = event
    if len(found) > 1:
        raise SeveralError
    return next(iter(found.values()), None)


async def _read(recall: Recall, topic: str, place: Place) -> Event | None:
    record = (await recall.records(topic, [place], needed=True)).get(place)
    return decode(record.value, record.headers) if record is not None else None


async def _repeated(event: Event, opener: Opener) -> dict[str, Any]:
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
            repeated[name] = await _open(opener, event, name, kind, data[name])
    return repeated


async def _open(opener: Opener, event: Event, path: str, kind: str, value: dict[str, Any]) -> Any:
    subject = value["person_id"] if kind == "person" else value["account_id"]
    opened = orjson.loads(await opener.open(subject, str(event.event_id), path, value["sealed"]))
    if kind == "account_number":
        return opened["number"]
    if kind == "account":
        kept = {name: value[name] for name in ("bank", "institution") if name in value}
        return {**opened, **kept}
    return opened
