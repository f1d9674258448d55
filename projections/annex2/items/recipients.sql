-- Spells that an exit ended, persons who left by one, spells begun and their members of the first month;
-- class: the exit kind, the route.
create function annex2_recipients(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    'exit_household' as measure, s.exit_kind, null::boolean as fulfilled,
    coalesce(s.ended_village, s.village) as village, s.ended_on, s.ended_by, s.household_no,
    null::text as person_id, null::text as number, s.to_month, null::text as unit, 1 as times,
    null::text as matter
  from spells(annex2_recipients.until, annex2_recipients.as_of) as s
  where s.programme = annex2_recipients.programme and s.exit_kind is not null
  union all
  select
    'exit_person' as measure, s.exit_kind, null as fulfilled,
    coalesce(s.left_village, s.village) as village, s.left_on, s.left_by, s.household_no,
    s.person_id, null as number, s.to_month, null as unit, 1 as times, null as matter
  from stays(annex2_recipients.until, annex2_recipients.as_of) as s
  where s.programme = annex2_recipients.programme and s.exit_kind is not null
  union all
  select
    'entry_household' as measure, s.route, null::boolean as fulfilled, s.village, s.began_on, s.began_by,
    s.household_no, null::text as person_id, null::text as number, s.from_month, null::text as unit,
    1 as times, null::text as matter
  from spells(annex2_recipients.until, annex2_recipients.as_of) as s
  where s.programme = annex2_recipients.programme
  union all
  select
    'entry_person' as measure, s.route, null as fulfilled, s.village, s.began_on, s.began_by, s.household_no,
    s.person_id, null as number, s.from_month, null as unit, 1 as times, null as matter
  from stays(annex2_recipients.until, annex2_recipients.as_of) as s
  where
    s.programme = annex2_recipients.programme and s.from_month = s.spell_from
    and coalesce(s.to_month > s.spell_from, true);
end;
