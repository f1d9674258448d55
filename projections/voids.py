"""Voids: which version, or all versions, of which fact never counted."""

from collections.abc import Iterable

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text, Uuid

from events.catalogue import TYPES
from events.envelope import Event, event_id_of
from projections.fact import METADATA, Row, RowsOf, version, version_columns

VOID = Table(
    "void",
    METADATA,
    *version_columns(),
    Column("target", Uuid, nullable=False, comment="event id of the fact that is undone"),
    Column("target_digest", Text, comment="this version only; absent: every version"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("void_target", VOID.c.target)


def voided(event: Event) -> Iterable[Row]:
    """Return the row of a void."""
    data = event.data
    yield VOID, (*version(event), event_id_of(data.source, data.id), data.digest)


ROWS: dict[str, RowsOf] = {entry.name: voided for entry in TYPES if entry.void}
