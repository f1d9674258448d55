"""Near relatives of officials among those who receive, as filed and reviewed (近亲属备案, R16-R17)."""

from collections.abc import Iterable

import orjson
from sqlalchemy import Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import (
    EVENT_ID,
    HOUSEHOLD,
    PROGRAMME,
    TWICE,
    VILLAGE,
    Heading,
    Ledger,
    Month,
)

FILING = Table(
    "kinship_filing",
    METADATA,
    *version_columns(),
    Column("filing_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("official", Text, nullable=False),
    Column("official_no", Text),
    Column("official_kind", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("relative", Text, nullable=False),
    Column("relation", Text, nullable=False, comment="what the recipient is to the official"),
    Column("declared_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("kinship_filing_filing_no", FILING.c.filing_no)
Index("kinship_filing_household", FILING.c.household_no)

REVIEW = Table(
    "kinship_review",
    METADATA,
    *version_columns(),
    Column("filing_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("reviewed_on", Date, nullable=False),
    Column("reviewers", JSONB, nullable=False, comment="the officials' numbers"),
    Column("visited", Boolean, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("kinship_review_filing_no", REVIEW.c.filing_no)


def declared(event: Event) -> Iterable[Row]:
    """Return the row of a filing; official and relative as tokens."""
    data = event.data
    yield (
        FILING,
        (
            *version(event),
            data.filing_no,
            data.household_no,
            data.programme,
            data.official.person_id,
            data.official_no,
            data.official_kind,
            data.post,
            data.relative.person_id,
            data.relation,
            data.declared_on,
        ),
    )


def reviewed(event: Event) -> Iterable[Row]:
    """Return the row of a review, without the text of what was found."""
    data = event.data
    yield (
        REVIEW,
        (
            *version(event),
            data.filing_no,
            data.household_no,
            data.reviewed_on,
            orjson.dumps(data.reviewers).decode(),
            data.visited,
            data.outcome,
        ),
    )


LEDGER = Ledger(
    title="近亲属备案台账",
    rows={"dibao.kinship.declared.v1": declared, "dibao.kinship.reviewed.v1": reviewed},
    columns=(
        Heading("filing_no", "备案编号"),
        Heading("declared_on", "备案日期"),
        Heading("official", "工作人员", listed=False, sealed=True),
        Heading("official_no", "工作人员编号"),
        Heading("official_kind", "工作人员类别", words=shown("kinship.declared", "official_kind")),
        Heading("post", "职务"),
        Heading("relative", "对象", listed=False, sealed=True),
        Heading("relation", "亲属关系", words=shown("kinship.declared", "relation")),
        HOUSEHOLD,
        PROGRAMME,
        Heading("reviewed_on", "排查日期"),
        Heading("reviewers", "排查人编号"),
        Heading("visited", "是否入户"),
        Heading("outcome", "排查结论", words=shown("kinship.reviewed", "outcome")),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("reviewed_by", "排查事实", listed=False),
    ),
    order=(("filing_no", "text"),),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("the month of filing", day="declared_on"),
)
