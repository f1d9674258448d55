-- Steps of clues, a clue or a case counted once; and the cadres they name, each counted once. class: the
-- track, and discipline_own where discipline inspection found the clue or was told of it; fulfilled: the
-- latest verification says that it holds, wholly or partly.
create function annex2_clues(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  with placed as not materialized (
    select
      s.kind, s.event_id, s.digest, s.day, s.clue_no, s.case_no, c.household_no,
      coalesce(s.village, c.village) as village, coalesce(v.holds, false) as holds,
      case
        when s.track = 'discipline' and s.origin in ('found', 'reported') then 'discipline_own'
        else s.track
      end as class
    from clue_step as s
    join live(annex2_clues.until, annex2_clues.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    left join lateral (
      select
        r.household_no,
        coalesce(r.village, (
          select h.village from household_village(annex2_clues.until, annex2_clues.as_of) as h
          where h.household_no = r.household_no
        )) as village
      from clue_step as r
      join live(annex2_clues.until, annex2_clues.as_of) as rf
        on rf.event_id = r.event_id and same(rf.digest, r.digest)
      where r.clue_no = s.clue_no and r.kind = 'received'
      order by r.day desc, r.event_id desc
      limit 1
    ) as c on true
    left join lateral (
      select r.result in ('substantiated', 'partly') as holds
      from clue_step as r
      join live(annex2_clues.until, annex2_clues.as_of) as rf
        on rf.event_id = r.event_id and same(rf.digest, r.digest)
      where r.clue_no = s.clue_no and r.kind = 'verified'
      order by r.day desc, r.event_id desc
      limit 1
    ) as v on true
  )
  select
    p.kind, p.class, p.holds, p.village, p.day, p.event_id, p.household_no, null::text as person_id,
    n.number, to_char(p.day, 'YYYY-MM') as month, n.number as unit, 1 as times
  from placed as p
  cross join lateral (select case p.kind when 'case_opened' then p.case_no else p.clue_no end as number) as n
  union all
  select
    p.kind || '_cadre' as kind, null as class, null as holds, p.village, p.day, p.event_id, p.household_no,
    k.person_id, p.clue_no, to_char(p.day, 'YYYY-MM') as month, k.person_id as unit, 1 as times
  from placed as p
  join (select distinct event_id, digest, person_id from clue_cadre) as k
    on k.event_id = p.event_id and k.digest = p.digest;
end;
