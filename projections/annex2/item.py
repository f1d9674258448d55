"""What Annex 2 counts: items, found by ``items/<noun>.sql``, and which column counts which.

The function ``annex2_<noun>(until, as_of, programme)`` returns them as ``annex2_item``: ``measure``, what
they are; ``class``, of which kind; ``fulfilled``, whether what a column asks for has come about (closed as
settled, found to be true). ``unit`` names what a cell counts once however many facts speak of it, a person or
a clue; where it is NULL the item counts itself, ``times`` times.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from projections.fact import RowsOf


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
    by type; none where the tables of a ledger answer.
    """

    counts: Mapping[str, Count]
    rows: Mapping[str, RowsOf] = field(default_factory=dict)
