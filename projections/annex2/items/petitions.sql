-- Petitions that repeat an earlier one; class: their kind; fulfilled: closed as settled. They belong to no
-- programme.
create function annex2_petitions(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    'repeat_petition' as measure, p.kind, coalesce(p.outcome = 'settled', false) as fulfilled, p.village,
    p.filed_on, p.event_id, p.household_no, p.petitioner, p.petition_no,
    to_char(p.filed_on, 'YYYY-MM') as month, null::text as unit, 1 as times
  from petitions_ledger(annex2_petitions.until, annex2_petitions.as_of) as p
  where p.repeats is not null;
end;
