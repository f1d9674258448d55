"""What Annex 2 counts: items, found by ``items/<noun>.sql``, and which column counts which.

The function ``annex2_<noun>(until, as_of, programme)`` returns them as ``annex2_item``: ``measure``, what
they are; ``class``, of which kind; ``fulfilled``, whether what a column asks for has come about (closed as
settled, found to be true). ``unit`` names what a cell counts once however many facts speak of it, a person or
a clue; where it is NULL the item counts itself, ``times`` times.

Items are kept, as rows that say to which questions they belong (``reach.py``). What is kept of a thing is
made anew whenever one of its facts comes or is voided, by ``made_<noun>(thing, until, cut)``, which says
what they mean; so it depends on nothing but what is recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, Uuid

from projections.fact import METADATA, RowsOf
from projections.reach import reach


@dataclass(frozen=True, slots=True)
class Count:
    """Which items a column counts: those of a measure, or of a class of it; or only fulfilled ones."""

    measure: str
    of_class: str | None = None
    fulfilled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of a noun.

    ``counts``: by the code of the column. ``rows``: how facts become rows of the tables declared beside it,
    by type; none where the tables of a ledger answer. ``kept``: the tables of the facts from which its items
    are made, each with the column that names the thing that they are of; none where other kept rows answer.
    ``which``: whether the function ``which_<noun>(things)`` says which things are kept, as not all are.
    """

    counts: Mapping[str, Count]
    rows: Mapping[str, RowsOf] = field(default_factory=dict)
    kept: Mapping[Table, str] = field(default_factory=dict)
    which: bool = False


ITEM = (
    Column("measure", Text, nullable=False),
    Column("class", Text),
    Column("fulfilled", Boolean),
    Column("village", Text, comment="as its facts state it"),
    Column("business_date", Date, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("household_no", Text),
    Column("person_id", Text),
    Column("number", Text),
    Column("month", Text),
    Column("unit", Text),
    Column("times", Integer, nullable=False),
    Column("matter", Text, comment="by which it repeats another"),
)
"""The columns of ``annex2_item``, in its order."""

KEPT_ITEM = Table(
    "kept_item",
    METADATA,
    Column("noun", Text, nullable=False),
    Column("thing", Text, nullable=False, comment="whose facts make it"),
    *ITEM,
    *reach(),
    comment="what Annex 2 counts",
)
Index("kept_item_thing", KEPT_ITEM.c.noun, KEPT_ITEM.c.thing)
Index("kept_item_day", KEPT_ITEM.c.noun, KEPT_ITEM.c.business_date)
