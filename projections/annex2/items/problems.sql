-- Those of the class that the form counts, as some statement has it.
create function which_problems(problems text[]) returns setof text
language sql stable begin atomic
  select distinct p.problem_no
  from problem_found as p
  where p.problem_no = any(which_problems.problems) and p.task_class = 'payments';
end;

-- Problems, by the class of task: of each number the latest statement; fulfilled: their latest word is a
-- rectification, or a recheck that says that it holds, where of one day a recheck is the later.
create function made_problems(thing text, until date, cut jsonb) returns setof annex2_item
language sql stable begin atomic
  select
    'problem' as measure, p.task_class, coalesce(not w.rechecked or w.result = 'holds', false) as fulfilled,
    p.village, p.found_on, p.event_id, p.household_no, null::text as person_id, p.problem_no,
    to_char(p.found_on, 'YYYY-MM') as month, null::text as unit, 1 as times, null::text as matter
  from (
    select s.*
    from problem_found as s
    join live_below(made_problems.until, made_problems.cut) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.problem_no = made_problems.thing
    order by s.found_on desc, s.event_id desc
    limit 1
  ) as p
  left join lateral (
    select s.rechecked, s.result
    from problem_step as s
    join live_below(made_problems.until, made_problems.cut) as f
      on f.event_id = s.event_id and same(f.digest, s.digest)
    where s.problem_no = p.problem_no
    order by s.day desc, s.rechecked desc, s.event_id desc
    limit 1
  ) as w on true;
end;

-- One of a household belongs to the programmes that the household was in, in the month in which it was
-- found; one of no household stands on the rural form.
create function annex2_problems(until date, as_of date, programme text) returns setof annex2_item
language sql stable begin atomic
  select i.*
  from kept_items_at_home('problems', annex2_problems.until, annex2_problems.as_of) as i
  where
    case
      when i.household_no is null then annex2_problems.programme = 'rural_dibao'
      else exists (
        select from stays(annex2_problems.until, annex2_problems.as_of) as s
        where
          s.household_no = i.household_no and s.programme = annex2_problems.programme
          and s.from_month <= i.month and coalesce(s.to_month > i.month, true)
      )
    end;
end;
