"""Deaths, as the death registration states them (R33)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

DEATH = Table(
    "death",
    METADATA,
    *version_columns(),
    Column("person_id", Text, nullable=False),
    Column("died_on", Date, nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("registry", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("death_person", DEATH.c.person_id)
Index("death_order", DEATH.c.registered_on)


def died(event: Event) -> Iterable[Row]:
    """Return the row of a death."""
    data = event.data
    yield DEATH, (*version(event), data.person.person_id, data.died_on, data.registered_on, data.registry)


ROWS: dict[str, RowsOf] = {"dibao.vitals.died.v1": died}
