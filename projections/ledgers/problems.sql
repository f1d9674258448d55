-- The ledger of problems (R46): the latest statement of each number, with its latest rectification and its
-- latest recheck. What stands is the latest word of both, by day, where a recheck is later than a
-- rectification of its day; of one day and kind the last by event id. twice: several statements that count
-- have the number.
create function problems_ledger(until date, as_of date)
returns table (
  event_id uuid, problem_no text, campaign_no text, village text, stage text, task_class text, found_on date,
  found_by text, household_no text, official_no text, amount_fen bigint, due_on date, rectified_on date,
  measure text, recovered_fen bigint, confirmed_by text, rechecked_on date, result text, status text,
  earlier_problem_no text, rectified_by uuid, rechecked_by uuid, twice boolean
)
language sql stable begin atomic
  with step as materialized (
    select s.*
    from problem_step as s
    join live(problems_ledger.until, problems_ledger.as_of) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
  ), last_of_each as (
    select distinct on (s.problem_no, s.rechecked) s.*
    from step as s
    order by s.problem_no asc, s.rechecked asc, s.day desc, s.event_id desc
  )
  select distinct on (p.problem_no)
    p.event_id, p.problem_no, p.campaign_no, coalesce(p.village, h.village) as village, p.stage, p.task_class,
    p.found_on, p.found_by, p.household_no, p.official_no, p.amount_fen, p.due_on, r.day as rectified_on,
    r.measure, r.recovered_fen, r.confirmed_by, c.day as rechecked_on, c.result,
    case
      when c.day is not null and coalesce(c.day >= r.day, true) then c.result
      when r.day is not null then 'rectified'
      else 'open'
    end as status,
    p.earlier_problem_no, r.event_id as rectified_by, c.event_id as rechecked_by,
    count(*) over (partition by p.problem_no) > 1 as twice
  from problem_found as p
  join live(problems_ledger.until, problems_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  left join household_village(problems_ledger.until, problems_ledger.as_of) as h
    on h.household_no = p.household_no
  left join last_of_each as r on r.problem_no = p.problem_no and not r.rechecked
  left join last_of_each as c on c.problem_no = p.problem_no and c.rechecked
  order by p.problem_no asc, p.found_on desc, p.event_id desc;
end;

create view problems_now with (security_invoker = true) as select * from problems_ledger(null, null);
