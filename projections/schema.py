"""The whole projection: every table, every event type's rows, and the SQL that makes a generation of it.

A generation is one schema, ``projection_g<N>``, filled from the log. It knows the code that made it: a change
of tables or meaning is brought in by a rebuild, never by altering what is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import CreateIndex, CreateTable

from events.catalogue import CONTEXTS
from events.envelope import Record
from events.fingerprint import fingerprint_of, sql
from projections import anomalies, calendar, checks, enrolment, policy, vitals, voids
from projections.annex2.item import Items
from projections.annex2.items import ITEMS, keeping
from projections.fact import FACT, METADATA, Row, RowsOf, header
from projections.ledger import Ledger
from projections.ledgers import LEDGERS
from projections.view import View, defaults, in_order
from projections.views import VIEWS

PIPELINE = "projector"
"""The pipeline whose offsets say how far the live generation has read the log."""

POSITIONS = 4
"""The version under which its offsets stand: they go with the live generation, whatever code made that."""

READER = "dibao_reader"
"""The role that reports read as: it may select, and owns nothing."""

_DECLARED: tuple[Mapping[str, RowsOf], ...] = (
    *(module.ROWS for module in (anomalies, calendar, checks, enrolment, policy, vitals, voids)),
    *(ledger.rows for ledger in LEDGERS.values()),
    *(view.rows for view in VIEWS.values()),
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
    *("fact", "reach", "enrolment", "anomalies", "checks"),
    *(f"ledgers/{noun}" for noun in LEDGERS),
    "annex2/item",
    *(f"annex2/items/{noun}" for noun in ITEMS),
)
_VIEWS = ("view", *(f"views/{noun}" for noun in in_order(VIEWS)))
"""SQL scripts in an order in which each finds what it asks."""
_HERE = Path(__file__).parent
_ONLY_SHOWS = {
    _HERE / name
    for name in ("labels.py", "ledger.py", "notices.py", "view.py", "phrases.py", "annex2/form.py")
}
_FILLING = {"rows", "kept", "which"}
"""What a declaration says of how tables are filled."""
_SHOWN = {kind.__name__: {one.name for one in fields(kind)} - _FILLING for kind in (Ledger, Items, View)}
"""What of a ledger, of a noun's items, or of a view, is asked when it is read, and fills nothing."""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def rows_of(record: Record) -> Iterator[Row]:
    """Return the rows that a record of the log becomes, its header first."""
    event = record.event
    yield header(record)
    for rows in ROWS.get(event.type, ()):
        yield from rows(event)


def schema_name(generation: int) -> str:
    """Return the schema of a generation."""
    return f"projection_g{generation}"


def tables() -> tuple[Table, ...]:
    """Return every table, the header first, the others by name: imports come in any order."""
    others = sorted(name for name in METADATA.tables if name != FACT.name)
    return (FACT, *(METADATA.tables[name] for name in others))


def column_type(table: Table, name: str) -> str:
    """Return the PostgreSQL type of a column."""
    return str(table.c[name].type.compile(dialect=_DIALECT))


def staged_as_text(table: Table, name: str) -> bool:
    """Whether rows carry this column as text: JSON and arrays, which bulk loading has no other form for."""
    return isinstance(table.c[name].type, JSONB | ARRAY)


def create_generation(generation: int) -> str:
    """Return the SQL script that creates an empty generation: tables, indexes, functions, views, rights."""
    schema = schema_name(generation)
    return ";\n".join(
        (
            f"CREATE SCHEMA {schema}",
            f"SET LOCAL search_path TO {schema}",
            *_inside(),
            f"COMMENT ON SCHEMA {schema} IS '{made_by()}'",
            f"GRANT USAGE ON SCHEMA {schema} TO {READER}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER};",
        )
    )


@cache
def made_by() -> str:
    """Return what a generation says of the code that made it: what fills it, and what may be asked of it."""
    filling = fingerprint_of(set(_HERE.rglob("*.py")) - _ONLY_SHOWS, _HERE, _SHOWN)
    return f"dibao projection, filled by {filling}, answers {answers()}"


@cache
def answers() -> str:
    """Return the digest of tables and questions: whoever asks needs a generation that has just these."""
    return sha256("\0".join(map(sql, _inside())).encode()).hexdigest()[:32]


def _inside() -> list[str]:
    script = []
    for table in tables():
        script.append(str(CreateTable(table).compile(dialect=_DIALECT)))
        script.extend(
            str(CreateIndex(index).compile(dialect=_DIALECT))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    script.extend(_sql(place) for place in _QUESTIONS)
    return [*script, keeping(), defaults(VIEWS), *map(_sql, _VIEWS)]


def _sql(place: str) -> str:
    return (_HERE / f"{place}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")
