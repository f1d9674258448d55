-- The ledger of screenings (R18): the latest listing of each number, with the last of each step. twice:
-- several listings that count have the number.
create function screening_ledger(until date, as_of date)
returns table (
  event_id uuid, screening_no text, listed_on date, category text, list_name text, person text,
  household_no text, village text, visited_on date, met boolean, assessed_on date, labour text, earning text,
  relapse_risk text, per_capita_income_fen bigint, income_change_fen bigint, expense_change_fen bigint,
  concluded_on date, outcome text, application_no text, concluded_by uuid, twice boolean
)
language sql stable begin atomic
  select
    s.event_id, s.screening_no, s.day as listed_on, s.category, s.list_name, s.person, s.household_no,
    coalesce(s.village, (
      select h.village from household_village(screening_ledger.until, screening_ledger.as_of) as h
      where h.household_no = s.household_no
    )) as village,
    v.day as visited_on, v.met, a.day as assessed_on, a.labour, a.earning, a.relapse_risk,
    a.per_capita_income_fen, a.income_change_fen, a.expense_change_fen, c.day as concluded_on, c.outcome,
    c.application_no, c.event_id as concluded_by,
    exists(
      select from screening_step as n
      join
        live(screening_ledger.until, screening_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.screening_no = s.screening_no and n.kind = 'listed' and n.event_id <> s.event_id
    ) as twice
  from screening_step as s
  join
    live(screening_ledger.until, screening_ledger.as_of) as f
    on f.event_id = s.event_id and same(f.digest, s.digest)
  left join lateral (
    select t.*
    from screening_step as t
    join
      live(screening_ledger.until, screening_ledger.as_of) as lf
      on lf.event_id = t.event_id and same(lf.digest, t.digest)
    where t.screening_no = s.screening_no and t.kind = 'visited'
    order by t.day desc, t.event_id desc
    limit 1
  ) as v on true
  left join lateral (
    select t.*
    from screening_step as t
    join
      live(screening_ledger.until, screening_ledger.as_of) as lf
      on lf.event_id = t.event_id and same(lf.digest, t.digest)
    where t.screening_no = s.screening_no and t.kind = 'assessed'
    order by t.day desc, t.event_id desc
    limit 1
  ) as a on true
  left join lateral (
    select t.*
    from screening_step as t
    join
      live(screening_ledger.until, screening_ledger.as_of) as lf
      on lf.event_id = t.event_id and same(lf.digest, t.digest)
    where t.screening_no = s.screening_no and t.kind = 'concluded'
    order by t.day desc, t.event_id desc
    limit 1
  ) as c on true
  where
    (screening_ledger.until is null or s.day <= screening_ledger.until)
    and (screening_ledger.as_of is null or s.day <= (select latest_of('screening', screening_ledger.as_of)))
    and s.kind = 'listed'
    and (exists (
      select from screening_step as n
      join
        live(screening_ledger.until, screening_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where
        n.screening_no = s.screening_no and n.kind = 'listed' and (n.day, n.event_id) > (s.day, s.event_id)
    )) is not true;
end;

create view screening_now with (security_invoker = true) as select * from screening_ledger(null, null);
