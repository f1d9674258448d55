-- Steps of clues, a clue or a case counted once; and the cadres they name, each counted once. class: the
-- track, and discipline_own where discipline inspection found the clue or was told of it; fulfilled: the
-- latest verification says that it holds, wholly or partly. A step that states no village lies where the
-- clue does.
create function made_clues(thing text, until date, cut jsonb) returns setof annex2_item
language sql stable begin atomic
  with step as materialized (
    select s.*
    from clue_step as s
    join live_below(made_clues.until, made_clues.cut) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.clue_no = made_clues.thing
  ), placed as materialized (
    select
      s.kind, s.event_id, s.digest, s.day, s.clue_no, c.household_no,
      coalesce(s.village, c.village) as village, coalesce(v.holds, false) as holds,
      case s.kind when 'case_opened' then s.case_no else s.clue_no end as number,
      case
        when s.track = 'discipline' and s.origin in ('found', 'reported') then 'discipline_own'
        else s.track
      end as class
    from step as s
    left join lateral (
      select r.household_no, r.village
      from step as r
      where r.kind = 'received'
      order by r.day desc, r.event_id desc
      limit 1
    ) as c on true
    left join lateral (
      select r.result in ('substantiated', 'partly') as holds
      from step as r
      where r.kind = 'verified'
      order by r.day desc, r.event_id desc
      limit 1
    ) as v on true
  )

  select
    p.kind, p.class, p.holds, p.village, p.day, p.event_id, p.household_no, null::text as person_id, p.number,
    to_char(p.day, 'YYYY-MM') as month, p.number as unit, 1 as times, null::text as matter
  from placed as p
  where p.kind in ('received', 'transferred', 'taken_over', 'case_opened')
  union all
  select
    p.kind || '_cadre' as kind, null as class, null as holds, p.village, p.day, p.event_id, p.household_no,
    k.person_id, p.clue_no, to_char(p.day, 'YYYY-MM') as month, k.person_id as unit, 1 as times,
    null as matter
  from placed as p
  cross join
    lateral (
      select distinct c.person_id
      from clue_cadre as c
      where c.event_id = p.event_id and c.digest = p.digest
    ) as k
  where p.kind in ('transferred', 'held_accountable');
end;

create function annex2_clues(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select i.* from kept_items_at_home('clues', annex2_clues.until, annex2_clues.as_of) as i;
end;
