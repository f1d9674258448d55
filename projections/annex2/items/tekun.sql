-- Persons who demanded a place in an institution or moved into one (fulfilled), and who are cared for at
-- home; class agreed: they have signed an agreement. A person counts once.
create function made_tekun(thing text, until date, cut jsonb) returns setof annex2_item
language sql stable begin atomic
  select
    'care_in_institution' as measure, null::text as class, s.kind = 'admitted' as fulfilled, s.village, s.day,
    s.event_id, s.household_no, s.person_id, null::text as number, to_char(s.day, 'YYYY-MM') as month,
    s.person_id as unit, 1 as times, null::text as matter
  from care_step as s
  join live_below(made_tekun.until, made_tekun.cut) as f
    on f.event_id = s.event_id and same(f.digest, s.digest)
  where s.event_id = made_tekun.thing::uuid and s.kind in ('central_demanded', 'admitted')
  union all
  select
    'care_at_home' as measure, case s.kind when 'care_agreement_signed' then 'agreed' end as class,
    null as fulfilled, s.village, s.day, s.event_id, s.household_no, s.person_id, s.agreement_no as number,
    to_char(s.day, 'YYYY-MM') as month, s.person_id as unit, 1 as times, null as matter
  from care_step as s
  join live_below(made_tekun.until, made_tekun.cut) as f
    on f.event_id = s.event_id and same(f.digest, s.digest)
  where
    s.event_id = made_tekun.thing::uuid and s.kind in ('dispersed_care_begun', 'care_agreement_signed');
end;

-- An agreement counts by a person whose care at home has begun as well, in whichever household.
create function annex2_tekun(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select i.*
  from kept_items_at_home('tekun', annex2_tekun.until, annex2_tekun.as_of) as i
  where
    i.class is distinct from 'agreed'
    or i.person_id in (
      select b.person_id
      from kept_items('tekun', annex2_tekun.until, annex2_tekun.as_of) as b
      where b.measure = 'care_at_home' and b.class is null and b.business_date >= date '2021-01-01'
    );
end;
