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
  select
    c.event_id, c.clue_no, c.day as received_on, c.track, c.origin, c.about, c.named, c.household_no,
    c.petition_no,
    coalesce(c.village, (
      select h.village from household_village(clues_ledger.until, clues_ledger.as_of) as h
      where h.household_no = c.household_no
    )) as village,
    v.day as verified_on, v.result, v.informant_answered_on, t.day as transferred_on, t.body as to_body,
    o.day as taken_over_on, k.case_no, k.day as opened_on, d.decided_on,
    coalesce(d.accountable, 0) as accountable, coalesce(d.exempted, 0) as exempted,
    case
      when d.decided_on is not null then 'decided'
      when k.clue_no is not null then 'case_opened'
      when o.clue_no is not null then 'taken_over'
      when t.clue_no is not null then 'transferred'
      when v.clue_no is not null then 'verified'
      else 'received'
    end as status,
    exists(
      select from clue_step as n
      join
        live(clues_ledger.until, clues_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.clue_no = c.clue_no and n.kind = 'received' and n.event_id <> c.event_id
    ) as twice
  from clue_step as c
  join
    live(clues_ledger.until, clues_ledger.as_of) as f
    on f.event_id = c.event_id and same(f.digest, c.digest)
  left join lateral (
    select s.*
    from clue_step as s
    join
      live(clues_ledger.until, clues_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.clue_no = c.clue_no and s.kind = 'verified'
    order by s.day desc, s.event_id desc
    limit 1
  ) as v on true
  left join lateral (
    select s.*
    from clue_step as s
    join
      live(clues_ledger.until, clues_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.clue_no = c.clue_no and s.kind = 'transferred'
    order by s.day desc, s.event_id desc
    limit 1
  ) as t on true
  left join lateral (
    select s.*
    from clue_step as s
    join
      live(clues_ledger.until, clues_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.clue_no = c.clue_no and s.kind = 'taken_over'
    order by s.day desc, s.event_id desc
    limit 1
  ) as o on true
  left join lateral (
    select s.*
    from clue_step as s
    join
      live(clues_ledger.until, clues_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.clue_no = c.clue_no and s.kind = 'case_opened'
    order by s.day desc, s.event_id desc
    limit 1
  ) as k on true
  left join lateral (
    select
      max(s.day) as decided_on,
      count(distinct q.person_id) filter (where s.kind = 'held_accountable') as accountable,
      count(distinct q.person_id) filter (where s.kind = 'exempted') as exempted
    from clue_step as s
    join
      live(clues_ledger.until, clues_ledger.as_of) as sf
      on sf.event_id = s.event_id and same(sf.digest, s.digest)
    join clue_cadre as q on q.event_id = s.event_id and same(q.digest, s.digest)
    where s.clue_no = c.clue_no and s.kind in ('held_accountable', 'exempted')
  ) as d on true
  where
    (clues_ledger.until is null or c.day <= clues_ledger.until)
    and (clues_ledger.as_of is null or c.day <= (select latest_of('clues', clues_ledger.as_of)))
    and c.kind = 'received'
    and (exists (
      select from clue_step as n
      join
        live(clues_ledger.until, clues_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.clue_no = c.clue_no and n.kind = 'received' and (n.day, n.event_id) > (c.day, c.event_id)
    )) is not true;
end;

create view clues_now with (security_invoker = true) as select * from clues_ledger(null, null);
