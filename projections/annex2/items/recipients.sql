-- Spells that an exit ended, persons who left by one, spells begun and their members of the first month;
-- class: the exit kind, the route.
create function annex2_recipients(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  with stay as materialized (
    select s.*, coalesce(s.began_village, h.village) as spell_village
    from stays(annex2_recipients.until, annex2_recipients.as_of) as s
    left join household_village(annex2_recipients.until, annex2_recipients.as_of) as h
      on h.household_no = s.household_no
    where s.programme = annex2_recipients.programme
  )

  select distinct
    'exit_household' as measure, exit_kind, null::boolean as fulfilled,
    coalesce(left_village, spell_village) as village, left_on, left_by, household_no,
    null::text as person_id, null::text as number, to_month, null::text as unit, 1 as times
  from stay
  where ended_spell and exit_kind is not null
  union all
  select
    'exit_person' as measure, exit_kind, null as fulfilled,
    coalesce(left_village, spell_village) as village, left_on, left_by, household_no,
    person_id, null as number, to_month, null as unit, 1 as times
  from stay
  where exit_kind is not null
  union all
  select distinct
    'entry_household' as measure, route, null::boolean as fulfilled,
    spell_village, began_on, began_by, household_no,
    null::text as person_id, null::text as number, spell_from, null::text as unit, 1 as times
  from stay
  union all
  select
    'entry_person' as measure, route, null as fulfilled,
    spell_village, began_on, began_by, household_no,
    person_id, null as number, from_month, null as unit, 1 as times
  from stay
  where from_month = spell_from and coalesce(to_month > spell_from, true);
end;
