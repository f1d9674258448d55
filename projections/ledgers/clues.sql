-- The ledger of clues (R66): the latest statement of each number, with the last of each step; status is the
-- farthest step that it has come to. accountable and exempted: persons, each counted once. twice: several
-- statements that count have the number.
create function clues_ledger(until date, as_of date)
returns table (
  event_id uuid, clue_no text, received_on date, track text, origin text, about text, named boolean,
  household_no text, petition_no text, village text, verified_on date, result text,
  informant_answered_on date, transferred_on date, to_body text, taken_over_on date, case_no text,
  opened_on date, decided_on date, accountable bigint, exempted bigint, status text, twice boolean
)
language sql stable begin atomic
  with step as materialized (
    select c.*
    from clue_step as c
    join live(clues_ledger.until, clues_ledger.as_of) as f
      on f.event_id = c.event_id and same(f.digest, c.digest)
  ), last_of_each as (
    select distinct on (s.clue_no, s.kind) s.*
    from step as s
    order by s.clue_no asc, s.kind asc, s.day desc, s.event_id desc
  ), decided as (
    select
      s.clue_no, max(s.day) as decided_on,
      count(distinct k.person_id) filter (where s.kind = 'held_accountable') as accountable,
      count(distinct k.person_id) filter (where s.kind = 'exempted') as exempted
    from step as s
    join clue_cadre as k on k.event_id = s.event_id and same(k.digest, s.digest)
    where s.kind in ('held_accountable', 'exempted')
    group by s.clue_no
  ), stated as (
    select s.clue_no, count(*) > 1 as twice
    from step as s
    where s.kind = 'received'
    group by s.clue_no
  )
  select
    c.event_id, c.clue_no, c.day as received_on, c.track, c.origin, c.about, c.named, c.household_no,
    c.petition_no, coalesce(c.village, h.village) as village, v.day as verified_on, v.result,
    v.informant_answered_on, t.day as transferred_on, t.body as to_body, o.day as taken_over_on, k.case_no,
    k.day as opened_on, d.decided_on, coalesce(d.accountable, 0) as accountable,
    coalesce(d.exempted, 0) as exempted,
    case
      when d.clue_no is not null then 'decided'
      when k.clue_no is not null then 'case_opened'
      when o.clue_no is not null then 'taken_over'
      when t.clue_no is not null then 'transferred'
      when v.clue_no is not null then 'verified'
      else 'received'
    end as status,
    n.twice
  from last_of_each as c
  join stated as n on n.clue_no = c.clue_no
  left join household_village(clues_ledger.until, clues_ledger.as_of) as h on h.household_no = c.household_no
  left join last_of_each as v on v.clue_no = c.clue_no and v.kind = 'verified'
  left join last_of_each as t on t.clue_no = c.clue_no and t.kind = 'transferred'
  left join last_of_each as o on o.clue_no = c.clue_no and o.kind = 'taken_over'
  left join last_of_each as k on k.clue_no = c.clue_no and k.kind = 'case_opened'
  left join decided as d on d.clue_no = c.clue_no
  where c.kind = 'received';
end;

create view clues_now with (security_invoker = true) as select * from clues_ledger(null, null);
