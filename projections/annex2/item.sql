-- What a cell of Annex 2 counts (annex2/item.py): event_id is the fact that makes it, number that of the
-- petition, the clue, the grant that it is.
create type annex2_item as (
  measure text, class text, fulfilled boolean, village text, business_date date, event_id uuid,
  household_no text, person_id text, number text, month text, unit text, times int
);
