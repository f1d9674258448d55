"""Rows into the live generation: idempotent, in bulk, newly inserted facts told from known ones."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from events.envelope import Record
from projections.annex2.items import KEPT_OF
from projections.anomalies import ANOMALY_EVENT
from projections.enrolment import ENROLMENT, OF_MEMBERS
from projections.fact import FACT, STRETCH
from projections.schema import column_type, rows_of, staged_as_text, tables
from projections.voids import VOID
from services.platform.database import Connection

BULK = 200
"""From this many rows on, COPY into a temporary table is faster than arrays in a statement."""

COPIED = 50
"""From this many rows on, the same of COPY into the table itself."""

Version = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch added: versions of facts, and how many of them announce an anomaly."""

    facts: int
    anomalies: int

    def __add__(self, other: "Written") -> "Written":
        return Written(self.facts + other.facts, self.anomalies + other.anomalies)


Rows = Mapping[Table, list[tuple[Any, ...]]]
"""What a batch becomes: the rows of each table, in the order in which tables are filled."""

_SLICE = 100


async def made_of(records: Sequence[Record]) -> Rows:
    """Return the rows of records; gives way now and then, so that a batch on its way can go on."""
    made: Rows = {table: [] for table in tables()}
    for start in range(0, len(records), _SLICE):
        for record in records[start : start + _SLICE]:
            for table, row in rows_of(record):
                made[table].append(row)
        await asyncio.sleep(0)
    return {table: rows for table, rows in made.items() if rows}


async def write(connection: Connection, made: Rows) -> Written:
    """Add the rows of a batch to the generation in the search path, inside the open transaction.

    What is there already stays as it is, so batches may overlap, repeat, and come in any order. Events that
    are not known yet are copied as they are, for nobody else writes (see ``generation.lock``); the rest, few
    as a rule, are compared version by version.
    """
    if not made:
        return Written(0, 0)
    contested = await _known_or_doubled(connection, [row[0] for row in made[FACT]])
    new, others = _parted(made, contested) if contested else (made, {})
    for table, rows in new.items():
        await _add(connection, table, rows)
    written = Written(len(new.get(FACT, ())), len(new.get(ANOMALY_EVENT, ())))
    deciding = {row[0] for row in new.get(VOID, ())}
    if others:
        merged, again = await _merge(connection, others)
        written += merged
        # Whatever a further content of an id is, the one that is known counts no more.
        deciding |= again
    await _note_latest(connection, made[FACT])
    if of_members := deciding.union(row[0] for row in new.get(ENROLMENT, ()) if row[_KIND] in OF_MEMBERS):
        await _keep(connection, of_members)
    if counted := deciding.union(row[0] for table in KEPT_OF for row in new.get(table, ())):
        await connection.execute("SELECT keep_items($1::uuid[])", list(counted))
    return written


_KIND = list(ENROLMENT.columns.keys()).index("kind")


def _parted(made: Rows, contested: Set[UUID]) -> tuple[Rows, Rows]:
    """Return the rows of events that are new, and those of the others."""
    new: dict[Table, list[tuple[Any, ...]]] = {}
    others: dict[Table, list[tuple[Any, ...]]] = {}
    for table, rows in made.items():
        for row in rows:
            into = others if row[0] in contested else new
            into.setdefault(table, []).append(row)
    return new, others


async def _note_latest(connection: Connection, headers: Sequence[tuple[Any, ...]]) -> None:
    """Note the latest business date of each stretch of the log that the batch is of."""
    found: dict[tuple[Any, ...], date] = {}
    for row in headers:
        place = (row[_CONTEXT], row[_TOPIC], row[_PARTITION], row[_OFFSET] // STRETCH)
        day = row[_DATE]
        if place not in found or day > found[place]:
            found[place] = day
    await connection.execute(
        """
        INSERT INTO kept_latest AS k (context, topic, partition, stretch, latest)
        SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::date[])
        ON CONFLICT (context, topic, partition, stretch) DO UPDATE SET latest = excluded.latest
        WHERE k.latest < excluded.latest
        """,
        *map(list, zip(*found, strict=True)),
        list(found.values()),
    )


_CONTEXT, _TOPIC, _PARTITION, _OFFSET, _DATE = (
    list(FACT.columns.keys()).index(name)
    for name in ("context", "topic", "partition", "offset", "business_date")
)


async def _keep(connection: Connection, event_ids: Set[UUID]) -> None:
    """Make anew what is kept of the households of which these events, or what they void, say the members."""
    await connection.execute(
        """
        SELECT keep(array_agg(c.household_no)) FROM (
          SELECT household_no FROM enrolment
          WHERE event_id = ANY ($1::uuid[]) AND kind = ANY ($2::text[])
          UNION
          SELECT e.household_no FROM void v JOIN enrolment e ON e.event_id = v.target
          WHERE v.event_id = ANY ($1::uuid[]) AND e.kind = ANY ($2::text[])
        ) AS c HAVING count(*) > 0
        """,
        list(event_ids),
        OF_MEMBERS,
    )


async def _known_or_doubled(connection: Connection, event_ids: Sequence[UUID]) -> Set[UUID]:
    """Return the events that are known, or stand more than once in the batch."""
    # The planner knows nothing of a table that was just filled: it must not scan it for every batch.
    await connection.execute("SET LOCAL enable_seqscan TO off")
    known = await connection.fetch(
        "SELECT DISTINCT event_id FROM fact WHERE event_id = ANY ($1::uuid[])", event_ids
    )
    found = {row[0] for row in known}
    seen: set[int] = set()
    for event_id in event_ids:
        # By its number, for Python's own hash of a UUID takes several times as long.
        if event_id.int in seen:
            found.add(event_id)
        seen.add(event_id.int)
    return found


async def _merge(
    connection: Connection, rows: Mapping[Table, list[tuple[Any, ...]]]
) -> tuple[Written, Set[UUID]]:
    """Add what is not there yet; return what was added, and the events that it is of."""
    headers = rows[FACT]
    new = {(row["event_id"], row["digest"]) for row in await _insert(connection, FACT, headers)}
    if not new:
        return Written(0, 0), frozenset()
    event_ids = {event_id for event_id, _ in new}
    await _contest(connection, event_ids)
    for table, found in rows.items():
        if table is FACT:
            continue
        fresh = [row for row in found if (row[0], row[1]) in new] if len(new) < len(headers) else found
        if fresh:
            await _insert(connection, table, fresh)
    announced = {(row[0], row[1]) for row in rows.get(ANOMALY_EVENT, ())} & new
    return Written(len(new), len(announced)), event_ids


async def _add(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Add rows of events that are new."""
    names, *_ = _statements(table)
    if len(rows) < COPIED or any(staged_as_text(table, name) for name in names):
        await _insert(connection, table, rows)
    else:
        await connection.copy_records_to_table(table.name, records=rows, columns=names)


async def _contest(connection: Connection, event_ids: Iterable[UUID]) -> None:
    # One writer at a time (see generation.lock), so no other version can be on its way unseen.
    await connection.execute(
        """
        INSERT INTO contested (event_id)
        SELECT f.event_id FROM fact f WHERE f.event_id = ANY ($1::uuid[])
        GROUP BY f.event_id HAVING count(*) > 1
        ON CONFLICT DO NOTHING
        """,
        list(event_ids),
    )


async def _insert(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> list[Any]:
    names, staging, from_staging, from_arrays = _statements(table)
    if len(rows) < BULK:
        found: list[Any] = await connection.fetch(from_arrays, *map(list, zip(*rows, strict=True)))
        return found
    await connection.execute(staging)
    await connection.copy_records_to_table(
        f"staged_{table.name}", schema_name="pg_temp", records=rows, columns=names
    )
    found = await connection.fetch(from_staging)
    return found


@cache
def _statements(table: Table) -> tuple[tuple[str, ...], str, str, str]:
    names = tuple(column.name for column in table.columns)
    types = {name: column_type(table, name) for name in names}
    staged = {name: "TEXT" if staged_as_text(table, name) else types[name] for name in names}
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(
        f'"{name}"::{types[name]}' if staged[name] != types[name] else f'"{name}"' for name in names
    )
    returning = " RETURNING event_id, digest" if table is FACT else ""
    insert = f'INSERT INTO "{table.name}" ({columns}) SELECT {values} FROM '
    arrays = ", ".join(f"${at}::{staged[name]}[]" for at, name in enumerate(names, start=1))
    return (
        names,
        f"CREATE TEMPORARY TABLE IF NOT EXISTS staged_{table.name} ("
        + ", ".join(f'"{name}" {staged[name]}' for name in names)
        + ") ON COMMIT DELETE ROWS",
        f"{insert}pg_temp.staged_{table.name} ON CONFLICT DO NOTHING{returning}",
        f"{insert}unnest({arrays}) AS given ({columns}) ON CONFLICT DO NOTHING{returning}",
    )
