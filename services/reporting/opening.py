"""Whom a finding is about: one person, account or text, opened for a reason that is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Text

from events.codec import decode
from events.envelope import Event
from projections.fact import METADATA
from services.intake.answers import Unavailable
from services.intake.publisher import Place
from services.intake.recall import Recall
from services.platform.database import Connection
from services.platform.openings import Opener
from services.platform.protection import SealedValue, sealed_values
from services.platform.settings import Settings
from services.platform.vault import SealBrokenError, bound_to
from services.reporting.reading import NotThereError, reading

_PLACES = """
SELECT f.topic, f.partition, greatest(f."offset", s."offset") AS "offset"
FROM fact f
LEFT JOIN (intake.seen s JOIN intake.topic t ON t.number = s.topic AND NOT t.gone)
  ON s.event_id = f.event_id AND s.digest = decode(f.digest, 'hex')
    AND t.name = f.topic AND s.partition = f.partition
"""
_FACTS = 20
"""Facts that a person's or an account's values are read from, the newest first: they may differ."""


class NothingSealedError(NotThereError):
    """Nothing is sealed under what was asked for."""


@dataclass(slots=True)
class Opened:
    """What was opened: its distinct values, as they were stated, and the facts that state each."""

    subject: str
    values: list[dict[str, Any]] = field(default_factory=list)

    def add(self, value: dict[str, Any], event_id: UUID) -> None:
        """Add a value, or the fact to an equal one."""
        for known in self.values:
            if {name: part for name, part in known.items() if name != "facts"} == value:
                known["facts"].append(str(event_id))
                return
        self.values.append({**value, "facts": [str(event_id)]})


async def open_token(settings: Settings, opener: Opener, token: str) -> Opened:
    """Open a person's name and number, or an account, by its token. Raises NothingSealedError."""
    places = await reading(opener.pool, lambda connection: facts_naming(connection, [token], _FACTS))
    found = [
        (event, value)
        for event in await facts_at(settings, places)
        for value in _sealed(event)
        if value.kind != "text" and value.subject == token
    ]
    if not found:
        raise NothingSealedError(f"No fact in the ledgers names {token}.")
    sealer = await opener.sealer(token, f"{len(found)} values")
    opened, broken = Opened(token), None
    for event, value in found:
        try:
            plain = sealer.open(value.sealed, bound_to(str(event.event_id), value.path))
        except SealBrokenError as error:
            broken = error  # of before a recovery, which lost the salt of that time
            continue
        opened.add(orjson.loads(plain), event.event_id)
    if broken is not None and not opened.values:
        raise broken
    return opened


async def open_fact(settings: Settings, opener: Opener, event_id: UUID, path: str | None = None) -> Opened:
    """Open the free texts of one fact, or the value at one path of it. Raises NothingSealedError."""
    places = await reading(opener.pool, lambda connection: _placed(connection, event_id))
    opened = Opened(str(event_id))
    for event in await facts_at(settings, places):
        for value in _sealed(event):
            if value.path == path or (path is None and value.kind == "text"):
                plain = await opener.open(value.subject, str(event_id), value.path, value.sealed)
                said = plain.decode() if value.kind == "text" else orjson.loads(plain)
                opened.add({"path": value.path, "value": said}, event_id)
    if not opened.values:
        where = "no free text" if path is None else f"nothing sealed at {path}"
        raise NothingSealedError(f"The ledgers know no fact {event_id}, or it has {where}.")
    return opened


def data_of(event: Event) -> dict[str, Any]:
    """Return the data of a fact as the log has them."""
    return event.fact.model_dump(mode="json", by_alias=True, exclude_none=True)


def _sealed(event: Event) -> list[SealedValue]:
    return list(sealed_values(event.entry, data_of(event)))


async def facts_naming(connection: Connection, words: Sequence[str], most: int) -> list[asyncpg.Record]:
    """Return where the newest facts stand that have a token, or a number, in a row of theirs.

    Of a fact that was handed over again after a recovery that is where it stands last.
    """
    texts = {
        table.name: [column.name for column in table.columns if isinstance(column.type, Text)]
        for table in METADATA.tables.values()
        if table.name != "fact" and "digest" in table.columns
    }
    naming = " UNION ".join(
        f'SELECT event_id FROM "{name}" WHERE ARRAY[{", ".join(columns)}] && $1::text[]'
        for name, columns in texts.items()
        if columns
    )
    rows: list[asyncpg.Record] = await connection.fetch(
        f"{_PLACES} WHERE f.event_id IN ({naming}) ORDER BY f.time DESC, f.event_id LIMIT $2",
        list(words),
        most,
    )
    return rows


async def _placed(connection: Connection, event_id: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(f"{_PLACES} WHERE f.event_id = $1", event_id)
    return rows


async def facts_at(settings: Settings, places: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Return the facts that stand on the log at places, sealed as they are. Raises NotThereError."""
    recall, events = Recall(settings), []
    try:
        for row in places:
            place = Place(row["partition"], row["offset"])
            record = (await recall.records(row["topic"], [place], needed=True)).get(place)
            if record is not None:
                events.append(decode(record.value, record.headers))
    except Unavailable as error:
        raise NotThereError(error.sentence.english) from error
    finally:
        await recall.close()
    return events
