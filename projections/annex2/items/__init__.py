"""What the form counts, one noun a module (which column counts what) and an SQL file (the items)."""

from events.shelf import found_in
from projections.annex2.item import Count, Items

ITEMS: dict[str, Items] = {noun: module.ITEMS for noun, module in found_in(__name__)}
"""Every noun that the form counts: what stands in this folder."""

COUNTS: dict[str, Count] = {code: count for items in ITEMS.values() for code, count in items.counts.items()}
"""Columns that have facts, and what they count."""

NOUN_OF: dict[str, str] = {code: noun for noun, items in ITEMS.items() for code in items.counts}
"""Whose items a column counts."""


def all_items() -> str:
    """Return the SQL script of ``annex2_items``: the items of every noun."""
    arguments = "annex2_items.until, annex2_items.as_of, annex2_items.programme"
    union = "\n  union all\n".join(f"  select * from annex2_{noun}({arguments})" for noun in ITEMS)
    return (
        "create function annex2_items(until date, as_of date, programme text) returns setof annex2_item\n"
        f"language sql stable begin atomic\n{union};\nend"
    )
