"""Whom a finding is about: one person, account or text, opened for a reason that is kept."""

from collections.abc import Iterable, Mapping
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
from services.platform.vault import bound_to
from services.reporting.reading import NotThereError, reading

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
    places = await reading(opener.pool, lambda connection: _naming(connection, token))
    found = [
        (event, value)
        for event in await facts_at(settings, places)
        for value in _sealed(event)
        if value.kind != "text" and value.subject == token
    ]
    if not found:
        raise NothingSealedError(f"No fact in the ledgers names {token}.")
    sealer = await opener.sealer(token, f"{len(found)} values")
    opened = Opened(token)
    for event, value in found:
        plain = sealer.open(value.sealed, bound_to(str(event.event_id), value.path))
        opened.add(orjson.loads(plain), event.event_id)
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


def _sealed(event: Event) -> list[SealedValue]:
    data = event.fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    return list(sealed_values(event.entry, data))


async def _naming(connection: Connection, token: str) -> list[asyncpg.Record]:
    """The newest facts that have a token in a row of theirs."""
    texts = {
        table.name: [column.name for column in table.columns if isinstance(column.type, Text)]
        for table in METADATA.tables.values()
        if table.name != "fact" and "digest" in table.columns
    }
    naming = " UNION ".join(
        f'SELECT event_id FROM "{name}" WHERE $1 IN ({", ".join(columns)})'
        for name, columns in texts.items()
        if columns
    )
    rows: list[asyncpg.Record] = await connection.fetch(
        f'SELECT topic, partition, "offset" FROM fact WHERE event_id IN ({naming})'
        f" ORDER BY time DESC, event_id LIMIT {_FACTS}",
        token,
    )
    return rows


async def _placed(connection: Connection, event_id: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        'SELECT topic, partition, "offset" FROM fact WHERE event_id = $1', event_id
    )
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
