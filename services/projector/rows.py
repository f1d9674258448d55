"""Rows into the live generation: idempotent, in bulk, newly inserted facts told from known ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from events.envelope import Record
from projections.anomalies import ANOMALY_EVENT
from projections.fact import FACT
from projections.schema import column_type, rows_of, staged_as_text, tables
from services.platform.offsets import Connection

BULK = 200
"""From this many rows on, COPY into a temporary table is faster than arrays in a statement."""

Version = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch added: versions of facts, and how many of them announce an anomaly."""

    facts: int
    anomalies: int


async def write(connection: Connection, records: Sequence[Record]) -> Written:
    """Add the rows of a batch to the generation in the search path, inside the open transaction.

    What is there already stays as it is, so batches may overlap, repeat, and come in any order.
    """
    rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in tables()}
    for record in records:
        for table, row in rows_of(record):
            rows[table].append(row)
    headers = rows.pop(FACT)
    if not headers:
        return Written(0, 0)
    new = {(row["event_id"], row["digest"]) for row in await _insert(connection, FACT, headers)}
    if not new:
        return Written(0, 0)
    await _contest(connection, {event_id for event_id, _ in new})
    for table, found in rows.items():
        fresh = [row for row in found if (row[0], row[1]) in new] if len(new) < len(headers) else found
        if fresh:
            await _insert(connection, table, fresh)
    announced = {(row[0], row[1]) for row in rows[ANOMALY_EVENT]} & new
    return Written(len(new), len(announced))


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
