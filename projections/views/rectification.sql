-- Problems found within the period, by area, and what became of them by the day. Put right is what was said
-- to be and no recheck has denied; what a recheck denied is open, as is what nobody has put right. rebounded:
-- a recheck found it again, or a later problem says that it repeats this one (R47).
create function rectification_view(since date, until date, as_of date, digits int)
returns table (
  area text, found_count bigint, rectified_count bigint, rate numeric, holds_count bigint,
  not_rectified_count bigint, rebounded_count bigint, open_count bigint, overdue_count bigint,
  days_mean numeric, days_longest int, amount_fen bigint, recovered_fen bigint
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(rectification_view.until, rectification_view.as_of) as asked_on
  ), problem as materialized (
    select * from problems_ledger(rectification_view.until, rectification_view.as_of)
  ), repeated as (
    select distinct p.earlier_problem_no as problem_no
    from problem as p
  ), judged as (
    select
      left(p.village, rectification_view.digits) as area, p.status, p.amount_fen, p.recovered_fen,
      p.status in ('rectified', 'holds') as is_right, p.rectified_on - p.found_on as days_taken,
      coalesce(p.due_on < a.asked_on, false) as is_late,
      p.status = 'rebounded' or r.problem_no is not null as came_again
    from problem as p
    cross join asked as a
    left join repeated as r on r.problem_no = p.problem_no
    where coalesce(p.found_on >= rectification_view.since, true)
  )
  select
    j.area, count(*) as found_count, count(*) filter (where j.is_right) as rectified_count,
    share(count(*) filter (where j.is_right), count(*)) as rate,
    count(*) filter (where j.status = 'holds') as holds_count,
    count(*) filter (where j.status = 'not_rectified') as not_rectified_count,
    count(*) filter (where j.came_again) as rebounded_count,
    count(*) filter (where not j.is_right) as open_count,
    count(*) filter (where not j.is_right and j.is_late) as overdue_count,
    round(avg(j.days_taken) filter (where j.is_right), 1) as days_mean,
    max(j.days_taken) filter (where j.is_right) as days_longest,
    coalesce(sum(j.amount_fen), 0)::bigint as amount_fen,
    coalesce(sum(j.recovered_fen), 0)::bigint as recovered_fen
  from judged as j
  group by j.area;
end;
