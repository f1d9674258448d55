-- Anomalies by area and rule, as they are known: the day of one is that since which it holds, and where no
-- fact says one, the day on which it was last raised. open_count: those of the period's end and before that
-- are open; raised_count: those of the period; withdrawn_count: of these, those that are open no more.
-- oldest_on: the first day of those that are open. amount_fen: what open ones say that was paid too much, or
-- is missing; what was paid in all where a rule doubts all of it. NULL where none says an amount.
create function findings_view(since date, until date, as_of date, digits int)
returns table (
  area text, rule text, open_count bigint, high_count bigint, medium_count bigint, low_count bigint,
  info_count bigint, raised_count bigint, withdrawn_count bigint, oldest_on date, oldest_days int,
  amount_fen bigint
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(findings_view.until, findings_view.as_of) as asked_on
  ), announced as materialized (
    select
      e.anomaly_id, e.rule, e.revision, e.verb, e.severity, e.params, e.household_no, e.village,
      e.holds_since, f.business_date as announced_on
    from anomaly_event as e
    join live(null, findings_view.as_of) as f on f.event_id = e.event_id and same(f.digest, e.digest)
  ), latest as (
    select distinct on (a.anomaly_id)
      a.anomaly_id, a.rule, a.verb, a.severity, a.params, a.household_no, a.village, a.holds_since
    from announced as a
    order by a.anomaly_id asc, a.revision desc
  ), raised as (
    select a.anomaly_id, max(a.announced_on) as raised_on
    from announced as a
    where a.verb = 'raised'
    group by a.anomaly_id
  ), dated as (
    select l.*, coalesce(l.holds_since, r.raised_on) as held_on
    from latest as l
    left join raised as r on r.anomaly_id = l.anomaly_id
  ), standing as (
    select
      left(coalesce(d.village, v.village), findings_view.digits) as area, d.rule, d.severity, d.held_on,
      d.verb <> 'withdrawn' as is_open, coalesce(d.held_on >= findings_view.since, true) as is_within,
      abs(coalesce(
        d.params ->> 'overpaid_fen', d.params ->> 'excess_fen', d.params ->> 'short_fen',
        d.params ->> 'difference_fen', d.params ->> 'amount_fen', d.params ->> 'paid_fen'
      )::bigint) as fen
    from dated as d
    left join household_village(findings_view.until, findings_view.as_of) as v
      on v.household_no = d.household_no
    where coalesce(d.held_on <= findings_view.until, true)
  )
  select
    s.area, s.rule, count(*) filter (where s.is_open) as open_count,
    count(*) filter (where s.is_open and s.severity = 'high') as high_count,
    count(*) filter (where s.is_open and s.severity = 'medium') as medium_count,
    count(*) filter (where s.is_open and s.severity = 'low') as low_count,
    count(*) filter (where s.is_open and s.severity = 'info') as info_count,
    count(*) filter (where s.is_within) as raised_count,
    count(*) filter (where s.is_within and not s.is_open) as withdrawn_count,
    min(s.held_on) filter (where s.is_open) as oldest_on,
    max(a.asked_on) - min(s.held_on) filter (where s.is_open) as oldest_days,
    (sum(s.fen) filter (where s.is_open))::bigint as amount_fen
  from standing as s
  cross join asked as a
  group by s.area, s.rule
  having bool_or(s.is_open or s.is_within);
end;
