-- Phases, tasks and projects of the campaign, each with a light and why (R59). A task has the days that any
-- task has, whatever its last day, which a plan may set before its own issue (R56). A phase is as far as the
-- tasks on average whose last day lies in it. Red: not done by the last day; yellow: further behind than the
-- points of the parameter against the share of the time that is over, or near its end, or silent; else green.
create function campaign_progress_view(since date, until date, as_of date, digits int)
returns table (
  urgency int, light text, reason text, kind text, number text, campaign_no text, title text,
  assigned_to text, village text, from_on date, due_on date, progress numeric, reported_on date,
  days_over int
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(campaign_progress_view.until, campaign_progress_view.as_of) as asked_on
  ), in_force as materialized (
    select
      a.asked_on,
      max(least(v.setting, 36500)) filter (where v.parameter = 'campaign.task_days')::int as task_days,
      max(v.setting) filter (where v.parameter = 'campaign.lag_points') as lag_points,
      max(v.setting) filter (where v.parameter = 'campaign.warning_days') as warning_days,
      max(v.setting) filter (where v.parameter = 'campaign.silent_days') as silent_days
    from asked as a
    cross join lateral view_value_on(a.asked_on, campaign_progress_view.as_of) as v
    group by a.asked_on
  ), finished as (
    select r.kind, r.number, min(r.reported_on) as done_on
    from campaign_report as r
    join live(campaign_progress_view.until, campaign_progress_view.as_of) as f
      on f.event_id = r.event_id and same(f.digest, r.digest)
    where r.done
    group by r.kind, r.number
  ), item as materialized (
    select
      case c.kind when 'task_assigned' then 'task' else 'project' end as kind, c.number, c.campaign_no,
      c.title, c.assigned_to, c.village, c.day as from_on, c.due_on as set_on,
      case c.kind when 'task_assigned' then greatest(c.due_on, c.day + i.task_days) else c.due_on end
        as due_on,
      coalesce(c.progress, 0) as progress, c.reported_on, e.done_on,
      e.done_on <= i.asked_on is true as is_done
    from campaign_ledger(campaign_progress_view.until, campaign_progress_view.as_of) as c
    cross join in_force as i
    left join finished as e on e.kind = c.kind and e.number = c.number
    where c.kind in ('task_assigned', 'project_started') and c.day <= i.asked_on
  ), phase as (
    select p.campaign_no, p.ordinal, p.title, p.from_on, p.to_on
    from campaign_ledger(campaign_progress_view.until, campaign_progress_view.as_of) as c
    join campaign_phase as p on p.event_id = c.event_id
    where c.kind = 'opened'
  ), thing as (
    select
      'phase' as kind, concat(p.campaign_no, '/', p.ordinal) as number, p.campaign_no, p.title,
      null::text as assigned_to, null::text as village, p.from_on, p.to_on as due_on,
      round(avg(case when t.is_done then 100 else t.progress end), 0) as progress,
      max(t.reported_on) as reported_on, max(t.done_on) as done_on,
      coalesce(bool_and(t.is_done), true) as is_done,
      count(t.number) as task_count,
      count(t.number) filter (where not t.is_done) as open_tasks
    from phase as p
    left join item as t
      on t.kind = 'task' and t.campaign_no = p.campaign_no and t.set_on between p.from_on and p.to_on
    group by p.campaign_no, p.ordinal, p.title, p.from_on, p.to_on
    union all
    select
      t.kind, t.number, t.campaign_no, t.title, t.assigned_to, t.village, t.from_on, t.due_on,
      case when t.is_done then 100 else t.progress end as progress, t.reported_on, t.done_on,
      t.is_done, null as task_count, null as open_tasks
    from item as t
  ), timed as (
    select
      t.*, i.asked_on, i.lag_points, i.warning_days, i.silent_days,
      t.due_on < i.asked_on and not t.is_done as is_over,
      round(
        100.0 * greatest(0, least(i.asked_on, t.due_on) - t.from_on) / greatest(1, t.due_on - t.from_on), 0
      ) as time_over,
      i.asked_on - coalesce(t.reported_on, t.from_on) as silent_for
    from thing as t
    cross join in_force as i
  ), judged as (
    select
      t.*,
      case
        when t.is_over then 'red'
        when t.is_done or t.asked_on < t.from_on then 'green'
        when t.time_over - t.progress >= t.lag_points then 'yellow'
        when t.due_on - t.asked_on <= t.warning_days then 'yellow'
        when t.kind <> 'phase' and t.silent_for >= t.silent_days then 'yellow'
        else 'green'
      end as light
    from timed as t
  )
  select
    case j.light when 'red' then 1 when 'yellow' then 2 else 3 end as urgency, j.light,
    case
      when j.is_over
        then concat(
          '时限', j.due_on, '已过', j.asked_on - j.due_on, '天，进度', j.progress, '%',
          case when j.kind = 'phase' then concat('，', j.open_tasks, '项任务未完成') end
        )
      when j.task_count = 0 then '没有时限在本阶段的任务'
      when j.is_done and j.kind = 'phase' then concat(j.task_count, '项任务均已完成')
      when j.is_done and j.done_on > j.due_on
        then concat(j.done_on, '完成，逾期', j.done_on - j.due_on, '天')
      when j.is_done then concat(j.done_on, '完成')
      when j.asked_on < j.from_on then concat(j.from_on, '开始')
      when j.time_over - j.progress >= j.lag_points
        then concat('时间已过', j.time_over, '%，进度', j.progress, '%，落后', j.time_over - j.progress, '个百分点')
      when j.due_on - j.asked_on <= j.warning_days
        then concat('距时限', j.due_on, '还有', j.due_on - j.asked_on, '天，进度', j.progress, '%')
      when j.light = 'yellow' then concat('已', j.silent_for, '天未报进展，进度', j.progress, '%')
      else concat('时限', j.due_on, '，进度', j.progress, '%')
    end as reason,
    j.kind, j.number, j.campaign_no, j.title, j.assigned_to, j.village, j.from_on, j.due_on, j.progress,
    j.reported_on, case when j.is_over then j.asked_on - j.due_on end as days_over
  from judged as j;
end;
