"""Parameters of the rules, as documents set them."""

from collections.abc import Iterable

import orjson
from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

POLICY = Table(
    "policy",
    METADATA,
    *version_columns(),
    Column("parameter", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("from", Date, nullable=False),
    Column("division_prefix", Text),
    Column("programme", Text),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("policy_parameter", POLICY.c.parameter)


def adopted(event: Event) -> Iterable[Row]:
    """Return the row of an adopted value."""
    data = event.data
    yield (
        POLICY,
        (
            *version(event),
            data.parameter,
            orjson.dumps(data.value).decode(),
            data.from_,
            data.scope.division_prefix if data.scope else None,
            data.scope.programme if data.scope else None,
            data.document,
        ),
    )


ROWS: dict[str, RowsOf] = {"dibao.policy.adopted.v1": adopted}
