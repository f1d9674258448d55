"""Policies for people in need: who they are for, what they give, from when until when (R21, R34)."""

from collections.abc import Iterable

import orjson
from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, TWICE, VILLAGE, Heading, Ledger, Month

POLICY_ISSUED = Table(
    "policy_issued",
    METADATA,
    *version_columns(),
    Column("policy_no", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date),
    Column("gives", Text, nullable=False),
    Column("conditions", JSONB, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("policy_issued_policy_no", POLICY_ISSUED.c.policy_no)
Index("policy_issued_order", POLICY_ISSUED.c.from_day, POLICY_ISSUED.c.policy_no)


def issued(event: Event) -> Iterable[Row]:
    """Return the row of a policy."""
    data = event.data
    yield (
        POLICY_ISSUED,
        (
            *version(event),
            data.policy_no,
            data.title,
            data.document,
            data.issued_by,
            data.from_,
            data.to,
            data.gives,
            orjson.dumps(data.conditions).decode(),
        ),
    )


LEDGER = Ledger(
    title="政策台账",
    rows={"dibao.policy.issued.v1": issued},
    columns=(
        Heading("policy_no", "政策编号"),
        Heading("title", "政策名称"),
        Heading("document", "文号"),
        Heading("issued_by", "发文机关"),
        Heading("from_day", "起始日期"),
        Heading("to_day", "终止日期"),
        Heading("gives", "救助类别", words=shown("policy.issued", "gives")),
        Heading("conditions", "条件", listed=False),
        TWICE,
        VILLAGE,
        EVENT_ID,
    ),
    order=(("from_day", "date"), ("policy_no", "text")),
    area="village",
    month=Month(
        "a month in which it is in force",
        condition="to_char(from_day, 'YYYY-MM') <= {0} and coalesce(to_char(to_day, 'YYYY-MM') >= {0}, true)",
    ),
)
