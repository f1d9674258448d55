-- Petitions filed within the period, by area, against those who receive at its end (R41). One that repeats
-- none is a first one; it is settled at once where it was closed as settled, and the next one on the matter,
-- if any, came later than the days of the parameter after that (R45). pending_count: closed as settled, of
-- which those days are not over yet and none has come; they count as settled until one comes.
create function petitions_rate_view(since date, until date, as_of date, digits int)
returns table (
  area text, petition_count bigint, complaint_count bigint, request_count bigint, repeat_count bigint,
  recipient_count bigint, per_thousand numeric, first_count bigint, settled_count bigint,
  settled_rate numeric, pending_count bigint, hot boolean, reason text
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(petitions_rate_view.until, petitions_rate_view.as_of) as asked_on
  ), in_force as materialized (
    select
      max(v.setting) filter (where v.parameter = 'petitions.first_time_days')::int as window_days,
      max(v.setting) filter (where v.parameter = 'petitions.hot_rate') as hot_rate
    from asked as a
    cross join lateral view_value_on(a.asked_on, petitions_rate_view.as_of) as v
  ), petition as materialized (
    select * from petitions_ledger(petitions_rate_view.until, petitions_rate_view.as_of)
  ), repeated as materialized (
    select p.repeats as event_id, min(p.filed_on) as filed_on
    from petition as p
    where p.repeats is not null
    group by p.repeats
  ), filed as (
    select
      left(p.village, petitions_rate_view.digits) as area, p.kind, p.repeats is not null as repeats,
      p.repeats is null and coalesce(p.outcome = 'settled', false)
      and coalesce(r.filed_on > p.closed_on + i.window_days, true) as settled,
      p.closed_on + i.window_days >= a.asked_on as pending
    from petition as p
    cross join asked as a
    cross join in_force as i
    left join repeated as r on r.event_id = p.event_id
    where coalesce(p.filed_on >= petitions_rate_view.since, true)
  ), counted as (
    select
      f.area, count(*) as petition_count, count(*) filter (where f.kind = 'complaint') as complaint_count,
      count(*) filter (where f.kind = 'request') as request_count,
      count(*) filter (where f.repeats) as repeat_count, count(*) filter (where not f.repeats) as first_count,
      count(*) filter (where f.settled) as settled_count,
      count(*) filter (where f.settled and f.pending) as pending_count
    from filed as f
    group by f.area
  ), receiving as (
    select left(s.village, petitions_rate_view.digits) as area, count(distinct m ->> 'person_id') as people
    from spells(petitions_rate_view.until, petitions_rate_view.as_of) as s
    cross join lateral jsonb_array_elements(s.members) as m
    where s.to_month is null and m ->> 'to_month' is null
    group by left(s.village, petitions_rate_view.digits)
  ), rated as (
    select
      coalesce(c.area, r.area) as area, coalesce(c.petition_count, 0) as petition_count,
      coalesce(c.complaint_count, 0) as complaint_count, coalesce(c.request_count, 0) as request_count,
      coalesce(c.repeat_count, 0) as repeat_count, coalesce(r.people, 0) as recipient_count,
      round(1000.0 * coalesce(c.petition_count, 0) / nullif(r.people, 0), 1) as per_thousand,
      coalesce(c.first_count, 0) as first_count, coalesce(c.settled_count, 0) as settled_count,
      coalesce(c.pending_count, 0) as pending_count
    from counted as c
    full join receiving as r on coalesce(r.area, '') = coalesce(c.area, '')
  )
  select
    r.area, r.petition_count, r.complaint_count, r.request_count, r.repeat_count, r.recipient_count,
    r.per_thousand, r.first_count, r.settled_count, share(r.settled_count, r.first_count) as settled_rate,
    r.pending_count, coalesce(r.per_thousand >= i.hot_rate, false) as hot,
    case
      when r.per_thousand >= i.hot_rate
        then concat(
          '每千人', r.per_thousand, '件，达到界限', trim_scale(i.hot_rate), '件',
          case when r.repeat_count > 0 then concat('；其中重复', r.repeat_count, '件') end
        )
    end as reason
  from rated as r
  cross join in_force as i;
end;
