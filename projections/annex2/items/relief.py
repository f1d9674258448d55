"""Temporary relief as it was granted (A3; R23, R25)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.annex2.item import Count, Items
from projections.fact import METADATA, Row, version, version_columns

GRANT = Table(
    "relief_grant",
    METADATA,
    *version_columns(),
    Column("relief_no", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("household_no", Text),
    Column("cause", Text, nullable=False),
    Column("person_times", Integer, nullable=False, comment="how many persons it relieves (人次)"),
    Column("granted_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)


def granted(event: Event) -> Iterable[Row]:
    """Return the row of a grant: the person as a token, without the reason."""
    data = event.data
    yield (
        GRANT,
        (
            *version(event),
            data.relief_no,
            data.person.person_id,
            data.household_no,
            data.cause,
            data.person_times,
            data.granted_on,
        ),
    )


ITEMS = Items(
    counts={"A3": Count("relief", "epidemic")},
    rows={"dibao.relief.granted.v1": granted},
)
