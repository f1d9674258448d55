-- What a cell of Annex 2 counts (annex2/item.py): event_id is the fact that makes it, number that of the
-- petition, the clue, the grant that it is.
create type annex2_item as (
  measure text, class text, fulfilled boolean, village text, business_date date, event_id uuid,
  household_no text, person_id text, number text, month text, unit text, times int, matter text
);

-- What is kept of a noun. village: as its facts state it.
create function kept_items(noun text, until date, as_of date) returns setof annex2_item
language sql stable begin atomic
  select
    k.measure, k.class, k.fulfilled, k.village, k.business_date, k.event_id, k.household_no, k.person_id,
    k.number, k.month, k.unit, k.times, k.matter
  from kept_item as k
  where
    k.noun = kept_items.noun
    and case
      when kept_items.until is null then k.before is null
      else k.since <= kept_items.until and coalesce(kept_items.until < k.before, true)
    end
    and case
      when kept_items.as_of is null then k.newest
      else
        int8range(k.above, k.upto, '(]')
        @> coalesce(((select cut_of(kept_items.as_of)) ->> k.place)::bigint, 0)
        and (k.also is null or reaches(k.also, (select cut_of(kept_items.as_of))))
    end;
end;

-- The same of a noun whose items lie where their household does, where their facts state no village.
create function kept_items_at_home(noun text, until date, as_of date) returns setof annex2_item
language sql stable begin atomic
  select
    k.measure, k.class, k.fulfilled, coalesce(k.village, (
      select h.village from household_village(kept_items_at_home.until, kept_items_at_home.as_of) as h
      where h.household_no = k.household_no
    )) as village,
    k.business_date, k.event_id, k.household_no, k.person_id, k.number, k.month, k.unit, k.times, k.matter
  from kept_items(kept_items_at_home.noun, kept_items_at_home.until, kept_items_at_home.as_of) as k;
end;
