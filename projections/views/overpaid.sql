-- Deaths registered within the period, by area, with what was paid for the dead after it. What came back is
-- that of the household, of all its dead together, so both sums are taken a household and programme: no more
-- is recovered than was overpaid. The rate is of the money, NULL where there was none.
create function overpaid_view(since date, until date, as_of date, digits int)
returns table (
  area text, death_count bigint, going_on_count bigint, paid_count bigint, month_count bigint,
  overpaid_fen bigint, recovered_fen bigint, owed_fen bigint, recovered_rate numeric,
  unsettled_count bigint, days_mean numeric, days_longest int
)
language sql stable begin atomic
  with died as materialized (
    select
      left(d.village, overpaid_view.digits) as area, d.household_no, d.programme, d.person, d.status,
      d.overpaid_months, d.overpaid_fen, d.recovered_fen, d.days_taken
    from deaths_ledger(overpaid_view.until, overpaid_view.as_of) as d
    where coalesce(d.registered_on >= overpaid_view.since, true)
  ), household as (
    select
      d.area, d.household_no, d.programme, sum(d.overpaid_fen)::bigint as overpaid_fen,
      least(sum(d.overpaid_fen), max(d.recovered_fen))::bigint as recovered_fen
    from died as d
    group by d.area, d.household_no, d.programme
  ), money as (
    select
      h.area, sum(h.overpaid_fen)::bigint as overpaid_fen, sum(h.recovered_fen)::bigint as recovered_fen,
      count(*) filter (where h.recovered_fen < h.overpaid_fen) as unsettled_count
    from household as h
    group by h.area
  ), people as (
    select
      d.area, count(distinct d.person) as death_count,
      count(distinct d.person) filter (where d.status = 'going_on') as going_on_count,
      count(distinct d.person) filter (where d.overpaid_fen > 0) as paid_count,
      sum(d.overpaid_months)::bigint as month_count, round(avg(d.days_taken), 1) as days_mean,
      max(d.days_taken) as days_longest
    from died as d
    group by d.area
  )
  select
    p.area, p.death_count, p.going_on_count, p.paid_count, p.month_count, m.overpaid_fen, m.recovered_fen,
    m.overpaid_fen - m.recovered_fen as owed_fen, share(m.recovered_fen, m.overpaid_fen) as recovered_rate,
    m.unsettled_count, p.days_mean, p.days_longest
  from people as p
  join money as m on m.area is not distinct from p.area;
end;
