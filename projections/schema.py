"""The whole projection: every table, every event type's rows, and the SQL that makes a generation of it.

A generation is one schema, ``projection_g<N>``, filled from the log. A change of tables or meaning raises
``VERSION`` and is brought in by a rebuild, never by altering what is there.
"""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import CreateIndex, CreateTable

from events.catalogue import CONTEXTS
from events.envelope import Record
from projections import anomalies, calendar, enrolment, policy, vitals, voids
from projections.annex2.items import ITEMS, all_items
from projections.fact import METADATA, Row, RowsOf, header
from projections.ledgers import LEDGERS

VERSION = 4
"""Version of tables and meaning, kept with every generation."""

PIPELINE = "projector"
"""The pipeline whose offsets say how far the projection has read the log."""

READER = "dibao_reader"
"""The role that reports read as: it may select, and owns nothing."""

_DECLARED: tuple[Mapping[str, RowsOf], ...] = (
    *(module.ROWS for module in (anomalies, calendar, enrolment, policy, vitals, voids)),
    *(ledger.rows for ledger in LEDGERS.values()),
    *(items.rows for items in ITEMS.values()),
)

ROWS: dict[str, tuple[RowsOf, ...]] = {
    name: tuple(declared[name] for declared in _DECLARED if name in declared)
    for name in {name for declared in _DECLARED for name in declared}
}
"""How event types become rows beside their header; of the others the header is all that is kept."""

CONSUMED: tuple[str, ...] = CONTEXTS
"""The contexts of the log that the projection is made from: all of them."""

_QUESTIONS = (
    *("fact", "enrolment", "anomalies"),
    *(f"ledgers/{noun}" for noun in LEDGERS),
    "annex2/item",
    *(f"annex2/items/{noun}" for noun in ITEMS),
)
"""SQL scripts in an order in which each finds what it asks."""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def rows_of(record: Record) -> list[Row]:
    """Return the rows that a record of the log becomes, its header first."""
    made = (rows(record.event) for rows in ROWS.get(record.event.type, ()))
    return [header(record), *chain.from_iterable(made)]


def schema_name(generation: int) -> str:
    """Return the schema of a generation."""
    return f"projection_g{generation}"


def tables() -> tuple[Table, ...]:
    """Return every table, the header first."""
    return tuple(METADATA.tables.values())


def column_type(table: Table, name: str) -> str:
    """Return the PostgreSQL type of a column."""
    return str(table.c[name].type.compile(dialect=_DIALECT))


def staged_as_text(table: Table, name: str) -> bool:
    """Whether rows carry this column as text: JSON and arrays, which bulk loading has no other form for."""
    return isinstance(table.c[name].type, JSONB | ARRAY)


def create_generation(generation: int) -> str:
    """Return the SQL script that creates an empty generation: tables, indexes, functions, views, rights."""
    schema = schema_name(generation)
    script = [f"CREATE SCHEMA {schema}", f"SET LOCAL search_path TO {schema}"]
    for table in tables():
        script.append(str(CreateTable(table).compile(dialect=_DIALECT)))
        script.extend(
            str(CreateIndex(index).compile(dialect=_DIALECT))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    script.extend(_sql(place) for place in _QUESTIONS)
    script.append(all_items())
    script.append(f"COMMENT ON SCHEMA {schema} IS 'dibao projection, version {VERSION}'")
    script.append(f"GRANT USAGE ON SCHEMA {schema} TO {READER}")
    script.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER}")
    return ";\n".join(script) + ";"


def _sql(place: str) -> str:
    return (Path(__file__).parent / f"{place}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")
