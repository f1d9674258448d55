"""What the form counts, one noun a module (which column counts what) and an SQL file (the items)."""

from collections.abc import Iterator

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from events.shelf import found_in
from projections.annex2.item import ITEM, KEPT_ITEM, Count, Items
from projections.reach import reach

ITEMS: dict[str, Items] = {noun: module.ITEMS for noun, module in found_in(__name__)}
"""Every noun that the form counts: what stands in this folder."""

COUNTS: dict[str, Count] = {code: count for items in ITEMS.values() for code, count in items.counts.items()}
"""Columns that have facts, and what they count."""

NOUN_OF: dict[str, str] = {code: noun for noun, items in ITEMS.items() for code in items.counts}
"""Whose items a column counts."""

KEPT_OF: frozenset[Table] = frozenset(table for items in ITEMS.values() for table in items.kept)
"""The tables of the facts from which items are made that are kept."""


def keeping() -> str:
    """Return the SQL script of ``keep_items(events)``: keep the items of the things that facts speak of."""
    kept = "".join(_kept(noun, items) for noun, items in ITEMS.items() if items.kept)
    return (
        "create function keep_items(events uuid[]) returns void\n"
        "language plpgsql set search_path from current\n"
        "set plan_cache_mode to force_generic_plan as $$\n"
        f"declare\n  found text[];\nbegin\n{kept}end $$"
    )


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _kept(noun: str, items: Items) -> str:
    columns = ", ".join(f'"{column.name}"' for column in KEPT_ITEM.columns)
    item = ", ".join(f'm."{column.name}"' for column in ITEM)
    reaching = ", ".join(f"r.{column.name}" for column in reach())
    which = f"  found := array(select which_{noun}(found));\n" if items.which else ""
    stated = "\n    union all\n".join(
        f"    select t.{column}::text as thing, t.event_id, t.digest from {table.name} as t\n"
        f"    where t.{column} = any(found::{table.c[column].type.compile(dialect=_DIALECT)}[])"
        for table, column in items.kept.items()
    )
    things = "\n    union\n".join(_things(items))
    return f"""
  found := array(
{things}
  );
{which}  if found <> '{{}}' then
    delete from kept_item as k where k.noun = '{noun}' and k.thing = any(found);
    with version as (
{stated}
    ), stated as (
      select
        array_agg(v.thing) as things, array_agg(v.event_id) as events, array_agg(v.digest) as digests
      from version as v
    )
    insert into kept_item ({columns})
    select '{noun}', r.thing, {item}, {reaching}
    from stated as s
    cross join lateral reach_of(s.things, s.events, s.digests) as r
    cross join lateral made_{noun}(r.thing, r.since, r.cut) as m;
  end if;
"""


def _things(items: Items) -> Iterator[str]:
    for table, column in items.kept.items():
        yield (
            f"    select t.{column}::text from {table.name} as t where t.event_id = any(keep_items.events)\n"
            "    union\n"
            f"    select t.{column}::text from void as v join {table.name} as t on t.event_id = v.target\n"
            "    where v.event_id = any(keep_items.events)"
        )
