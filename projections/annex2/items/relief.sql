-- Grants of temporary relief, as many times as persons are relieved (人次), of every programme; class: the
-- cause.
create function annex2_relief(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    'relief' as measure, r.cause, null::boolean as fulfilled, coalesce(r.village, (
      select h.village from household_village(annex2_relief.until, annex2_relief.as_of) as h
      where h.household_no = r.household_no
    )) as village,
    r.granted_on, r.event_id, r.household_no, r.person, r.relief_no,
    to_char(r.granted_on, 'YYYY-MM') as month, null::text as unit, r.person_times
  from relief_grant as r
  join live(annex2_relief.until, annex2_relief.as_of) as f
    on f.event_id = r.event_id and same(f.digest, r.digest);
end;
