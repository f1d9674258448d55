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
  with step as materialized (
    select distinct on (s.screening_no, s.kind)
      s.*, count(*) over (partition by s.screening_no, s.kind) > 1 as twice
    from screening_step as s
    join live(screening_ledger.until, screening_ledger.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    order by s.screening_no asc, s.kind asc, s.day desc, s.event_id desc
  )
  select
    s.event_id, s.screening_no, s.day as listed_on, s.category, s.list_name, s.person, s.household_no,
    coalesce(s.village, h.village) as village, v.day as visited_on, v.met, a.day as assessed_on, a.labour,
    a.earning, a.relapse_risk, a.per_capita_income_fen, a.income_change_fen, a.expense_change_fen,
    c.day as concluded_on, c.outcome, c.application_no, c.event_id as concluded_by, s.twice
  from step as s
  left join household_village(screening_ledger.until, screening_ledger.as_of) as h
    on h.household_no = s.household_no
  left join step as v on v.screening_no = s.screening_no and v.kind = 'visited'
  left join step as a on a.screening_no = s.screening_no and a.kind = 'assessed'
  left join step as c on c.screening_no = s.screening_no and c.kind = 'concluded'
  where s.kind = 'listed';
end;

create view screening_now with (security_invoker = true) as select * from screening_ledger(null, null);
