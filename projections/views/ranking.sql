-- Areas where somebody receives, the worst first. Each part is a measure times its weight, with one decimal;
-- the score is the sum of the parts as they are shown. A measure of nothing, as of an area without problems,
-- is 0.
create function ranking_view(since date, until date, as_of date, digits int)
returns table (
  place int, area text, score numeric, high_points numeric, medium_points numeric, low_points numeric,
  overdue_points numeric, coverage_points numeric, repeat_points numeric, rectification_points numeric,
  household_count bigint, recipient_count bigint, high_count bigint, medium_count bigint, low_count bigint,
  overdue_count bigint, coverage numeric, repeat_count bigint, rectification_rate numeric, main_reason text
)
language sql stable begin atomic
  with weight as materialized (
    select
      max(v.setting) filter (where v.parameter = 'ranking.high_weight') as of_high,
      max(v.setting) filter (where v.parameter = 'ranking.medium_weight') as of_medium,
      max(v.setting) filter (where v.parameter = 'ranking.low_weight') as of_low,
      max(v.setting) filter (where v.parameter = 'ranking.overdue_weight') as of_overdue,
      max(v.setting) filter (where v.parameter = 'ranking.coverage_weight') as of_coverage,
      max(v.setting) filter (where v.parameter = 'ranking.repeat_weight') as of_repeat,
      max(v.setting) filter (where v.parameter = 'ranking.rectification_weight') as of_rectification
    from view_value_on(view_day(ranking_view.until, ranking_view.as_of), ranking_view.as_of) as v
  ), receiving as materialized (
    select left(s.village, ranking_view.digits) as area, count(distinct s.household_no) as household_count
    from spells(ranking_view.until, ranking_view.as_of) as s
    where s.to_month is null and s.village is not null
    group by left(s.village, ranking_view.digits)
  ), found as materialized (
    select
      f.area, sum(f.high_count)::bigint as high_count, sum(f.medium_count)::bigint as medium_count,
      sum(f.low_count)::bigint as low_count
    from findings_view(ranking_view.since, ranking_view.until, ranking_view.as_of, ranking_view.digits) as f
    group by f.area
  ), overdue as materialized (
    select left(c.village, ranking_view.digits) as area, count(*) as overdue_count
    from clocks_view(null, ranking_view.until, ranking_view.as_of, null) as c
    where c.state = 'overdue'
    group by left(c.village, ranking_view.digits)
  ), covered as materialized (
    select v.area, v.coverage
    from coverage_view(ranking_view.since, ranking_view.until, ranking_view.as_of, ranking_view.digits) as v
  ), petitioned as materialized (
    select v.area, v.recipient_count, v.repeat_count
    from petitions_rate_view(
      ranking_view.since, ranking_view.until, ranking_view.as_of, ranking_view.digits
    ) as v
  ), rectified as materialized (
    select v.area, v.rate
    from rectification_view(
      ranking_view.since, ranking_view.until, ranking_view.as_of, ranking_view.digits
    ) as v
  ), measured as (
    select
      r.area, r.household_count, coalesce(p.recipient_count, 0) as recipient_count,
      coalesce(f.high_count, 0) as high_count, coalesce(f.medium_count, 0) as medium_count,
      coalesce(f.low_count, 0) as low_count, coalesce(o.overdue_count, 0) as overdue_count, c.coverage,
      coalesce(p.repeat_count, 0) as repeat_count, q.rate as rectification_rate
    from receiving as r
    left join found as f on f.area = r.area
    left join overdue as o on o.area = r.area
    left join covered as c on c.area = r.area
    left join petitioned as p on p.area = r.area
    left join rectified as q on q.area = r.area
  ), weighed as (
    select
      m.*, round(w.of_high * 100 * m.high_count / m.household_count, 1) as high_points,
      round(w.of_medium * 100 * m.medium_count / m.household_count, 1) as medium_points,
      round(w.of_low * 100 * m.low_count / m.household_count, 1) as low_points,
      round(w.of_overdue * 100 * m.overdue_count / m.household_count, 1) as overdue_points,
      round(w.of_coverage * (100 - coalesce(m.coverage, 100)), 1) as coverage_points,
      round(coalesce(w.of_repeat * 1000 * m.repeat_count / nullif(m.recipient_count, 0), 0), 1)
        as repeat_points,
      round(w.of_rectification * (100 - coalesce(m.rectification_rate, 100)), 1) as rectification_points
    from measured as m
    cross join weight as w
  ), scored as (
    select
      w.*,
      w.high_points + w.medium_points + w.low_points + w.overdue_points + w.coverage_points
      + w.repeat_points + w.rectification_points as score,
      greatest(
        w.high_points, w.medium_points, w.low_points, w.overdue_points, w.coverage_points, w.repeat_points,
        w.rectification_points
      ) as most
    from weighed as w
  )
  select
    (row_number() over (order by s.score desc, s.area asc))::int as place, s.area, s.score, s.high_points,
    s.medium_points, s.low_points, s.overdue_points, s.coverage_points, s.repeat_points,
    s.rectification_points, s.household_count, s.recipient_count, s.high_count, s.medium_count, s.low_count,
    s.overdue_count, s.coverage, s.repeat_count, s.rectification_rate,
    case
      when s.most = 0 then null
      when s.most = s.high_points then concat('高级预警', s.high_count, '件，', s.high_points, '分')
      when s.most = s.overdue_points then concat('逾期事项', s.overdue_count, '件，', s.overdue_points, '分')
      when s.most = s.repeat_points then concat('重复信访', s.repeat_count, '件，', s.repeat_points, '分')
      when s.most = s.rectification_points
        then concat('整改率', s.rectification_rate, '%，', s.rectification_points, '分')
      when s.most = s.coverage_points then concat('清查率', s.coverage, '%，', s.coverage_points, '分')
      when s.most = s.medium_points then concat('中级预警', s.medium_count, '件，', s.medium_points, '分')
      else concat('低级预警', s.low_count, '件，', s.low_points, '分')
    end as main_reason
  from scored as s;
end;
