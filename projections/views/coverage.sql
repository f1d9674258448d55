-- How many of those who receive were gone over, by area: a household once for each programme (R10).
create function coverage_view(since date, until date, as_of date, digits int)
returns table (
  area text, due_count bigint, checked_count bigint, unchecked_count bigint, problem_count bigint,
  coverage numeric, last_checked_on date
)
language sql stable begin atomic
  select
    r.area, count(*) as due_count, count(*) filter (where r.was_checked) as checked_count,
    count(*) filter (where not r.was_checked) as unchecked_count,
    count(*) filter (where r.was_checked and r.status = 'problem') as problem_count,
    share(count(*) filter (where r.was_checked), count(*)) as coverage,
    max(r.checked_on) filter (where r.was_checked) as last_checked_on
  from (
    select
      left(l.village, coverage_view.digits) as area, l.status, l.checked_on,
      l.checked_on is not null and coalesce(l.checked_on >= coverage_view.since, true) as was_checked
    from review_ledger(coverage_view.until, coverage_view.as_of) as l
    where l.receives
  ) as r
  group by r.area;
end;
