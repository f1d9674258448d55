-- Persons who demanded a place in an institution or moved into one (fulfilled), and who are cared for at
-- home; class agreed: by the agreement that they have signed as well. A person counts once.
create function annex2_tekun(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  with step as not materialized (
    select
      c.*,
      coalesce(c.village, (
        select h.village from household_village(annex2_tekun.until, annex2_tekun.as_of) as h
        where h.household_no = c.household_no
      )) as at_village
    from care_step as c
    join live(annex2_tekun.until, annex2_tekun.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
  )

  select
    'care_in_institution' as measure, null::text as class, s.kind = 'admitted' as fulfilled,
    s.at_village as village, s.day, s.event_id, s.household_no, s.person_id, null::text as number,
    to_char(s.day, 'YYYY-MM') as month, s.person_id as unit, 1 as times
  from step as s
  where s.kind in ('central_demanded', 'admitted')
  union all
  select
    'care_at_home' as measure, case s.kind when 'care_agreement_signed' then 'agreed' end as class,
    null as fulfilled, s.at_village as village, s.day, s.event_id, s.household_no, s.person_id,
    s.agreement_no as number, to_char(s.day, 'YYYY-MM') as month, s.person_id as unit, 1 as times
  from step as s
  where
    s.kind = 'dispersed_care_begun'
    or s.kind = 'care_agreement_signed' and exists (
      select from step as b
      where b.kind = 'dispersed_care_begun' and b.person_id = s.person_id and b.day >= date '2021-01-01'
    );
end;
