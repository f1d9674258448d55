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
  select
    p.event_id, p.problem_no, p.campaign_no,
    coalesce(p.village, (
      select h.village from household_village(problems_ledger.until, problems_ledger.as_of) as h
      where h.household_no = p.household_no
    )) as village,
    p.stage, p.task_class, p.found_on, p.found_by, p.household_no, p.official_no, p.amount_fen, p.due_on,
    r.day as rectified_on, r.measure, r.recovered_fen, r.confirmed_by, c.day as rechecked_on, c.result,
    case
      when c.day is not null and coalesce(c.day >= r.day, true) then c.result
      when r.day is not null then 'rectified'
      else 'open'
    end as status,
    p.earlier_problem_no, r.event_id as rectified_by, c.event_id as rechecked_by,
    exists(
      select from problem_found as n
      join
        live(problems_ledger.until, problems_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.problem_no = p.problem_no and n.event_id <> p.event_id
    ) as twice
  from problem_found as p
  join
    live(problems_ledger.until, problems_ledger.as_of) as f
    on f.event_id = p.event_id and same(f.digest, p.digest)
  left join lateral (
    select s.*
    from problem_step as s
    join
      live(problems_ledger.until, problems_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.problem_no = p.problem_no and not s.rechecked
    order by s.day desc, s.event_id desc
    limit 1
  ) as r on true
  left join lateral (
    select s.*
    from problem_step as s
    join
      live(problems_ledger.until, problems_ledger.as_of) as lf
      on lf.event_id = s.event_id and same(lf.digest, s.digest)
    where s.problem_no = p.problem_no and s.rechecked
    order by s.day desc, s.event_id desc
    limit 1
  ) as c on true
  where
    (problems_ledger.until is null or p.found_on <= problems_ledger.until)
    and (problems_ledger.as_of is null or p.found_on <= (select latest_of(null, problems_ledger.as_of)))
    and (exists (
      select from problem_found as n
      join
        live(problems_ledger.until, problems_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.problem_no = p.problem_no and (n.found_on, n.event_id) > (p.found_on, p.event_id)
    )) is not true;
end;

create view problems_now with (security_invoker = true) as select * from problems_ledger(null, null);
