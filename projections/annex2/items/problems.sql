-- Problems, by the class of task; fulfilled: their latest word is a rectification, or a recheck that says
-- that it holds. One of a household belongs to the programmes that the household was in, in the month in
-- which it was found; one of no household stands on the rural form.
create function annex2_problems(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select
    'problem' as measure, p.task_class, p.status in ('rectified', 'holds') as fulfilled, p.village,
    p.found_on, p.event_id, p.household_no, null::text as person_id, p.problem_no,
    to_char(p.found_on, 'YYYY-MM') as month, null::text as unit, 1 as times
  from problems_ledger(annex2_problems.until, annex2_problems.as_of) as p
  where
    case
      when p.household_no is null then annex2_problems.programme = 'rural_dibao'
      else exists (
        select from stays(annex2_problems.until, annex2_problems.as_of) as s
        where
          s.household_no = p.household_no and s.programme = annex2_problems.programme
          and s.from_month <= to_char(p.found_on, 'YYYY-MM')
          and coalesce(s.to_month > to_char(p.found_on, 'YYYY-MM'), true)
      )
    end;
end;
