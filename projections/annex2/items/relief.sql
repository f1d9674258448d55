-- Grants of temporary relief, as many times as persons are relieved (人次), of every programme; class: the
-- cause.
create function made_relief(thing text, until date, cut jsonb) returns setof annex2_item
language sql stable begin atomic
  select
    'relief' as measure, r.cause, null::boolean as fulfilled, r.village, r.granted_on, r.event_id,
    r.household_no, r.person, r.relief_no, to_char(r.granted_on, 'YYYY-MM') as month, null::text as unit,
    r.person_times, null::text as matter
  from relief_grant as r
  join live_below(made_relief.until, made_relief.cut) as f
    on f.event_id = r.event_id and same(f.digest, r.digest)
  where r.event_id = made_relief.thing::uuid;
end;

create function annex2_relief(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select i.* from kept_items_at_home('relief', annex2_relief.until, annex2_relief.as_of) as i;
end;
