-- Anomalies by area and rule, as they stand at the end of the period: the day of an announcement is the day
-- on which it was made. raised_count, withdrawn_count: anomalies that were raised, and withdrawn, within the
-- period; one that was both is in both. oldest_on: when the one that is open for longest was last raised.
-- amount_fen: what open ones say that was paid too much, or is missing; what was paid in all where a rule
-- doubts all of it. NULL where none says an amount.
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
      f.business_date as announced_on, coalesce(f.business_date >= findings_view.since, true) as is_within
    from anomaly_event as e
    join live(findings_view.until, findings_view.as_of) as f
      on f.event_id = e.event_id and same(f.digest, e.digest)
  ), latest as (
    select distinct on (a.anomaly_id)
      a.anomaly_id, a.rule, a.verb, a.severity, a.params, a.household_no, a.village
    from announced as a
    order by a.anomaly_id asc, a.revision desc
  ), history as (
    select
      a.anomaly_id, max(a.announced_on) filter (where a.verb = 'raised') as raised_on,
      bool_or(a.verb = 'raised' and a.is_within) as was_raised,
      bool_or(a.verb = 'withdrawn' and a.is_within) as was_withdrawn
    from announced as a
    group by a.anomaly_id
  ), standing as (
    select
      left(coalesce(l.village, v.village), findings_view.digits) as area, l.rule, l.severity,
      l.verb <> 'withdrawn' as is_open, h.raised_on, h.was_raised, h.was_withdrawn,
      abs(coalesce(
        l.params ->> 'overpaid_fen', l.params ->> 'excess_fen', l.params ->> 'short_fen',
        l.params ->> 'difference_fen', l.params ->> 'amount_fen', l.params ->> 'paid_fen'
      )::bigint) as fen
    from latest as l
    join history as h on h.anomaly_id = l.anomaly_id
    left join household_village(findings_view.until, findings_view.as_of) as v
      on v.household_no = l.household_no
  )
  select
    s.area, s.rule, count(*) filter (where s.is_open) as open_count,
    count(*) filter (where s.is_open and s.severity = 'high') as high_count,
    count(*) filter (where s.is_open and s.severity = 'medium') as medium_count,
    count(*) filter (where s.is_open and s.severity = 'low') as low_count,
    count(*) filter (where s.is_open and s.severity = 'info') as info_count,
    count(*) filter (where s.was_raised) as raised_count,
    count(*) filter (where s.was_withdrawn) as withdrawn_count,
    min(s.raised_on) filter (where s.is_open) as oldest_on,
    max(a.asked_on) - min(s.raised_on) filter (where s.is_open) as oldest_days,
    (sum(s.fen) filter (where s.is_open))::bigint as amount_fen
  from standing as s
  cross join asked as a
  group by s.area, s.rule
  having bool_or(s.is_open or s.was_raised or s.was_withdrawn);
end;
