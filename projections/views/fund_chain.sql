-- The steps of the money by period, stage and programme. Days run from the decision; what is late is measured
-- by the values of the last day of the period (R36). A difference is what was handed to the bank less what it
-- paid and what failed; sums that cancel each other out are counted one by one.
create function fund_chain_view(since date, until date, as_of date, digits int)
returns table (
  period text, fund_stage text, programme text, step_count bigint, amount_fen bigint, to_bank_mean numeric,
  to_bank_longest int, to_bank_late_count bigint, paid_mean numeric, paid_longest int,
  paid_late_count bigint, unsettled_count bigint, unsettled_late_count bigint, failed_count bigint,
  failed_fen bigint, difference_count bigint, difference_fen bigint
)
language sql stable begin atomic
  with asked as materialized (
    select view_day(fund_chain_view.until, fund_chain_view.as_of) as asked_on
  ), stated as materialized (
    select v.parameter, least(v.setting, 36500)::int as days_long, v.from_day, v.programme, v.place
    from view_value(fund_chain_view.as_of) as v
    where v.division_prefix = ''
  ), dated as (
    select
      f.*, a.asked_on,
      case when f.fund_stage = 'batch_submitted' then f.day - f.decided_on end as to_bank_taken,
      (rpad(f.period, 7, '-01') || '-01')::date as first_on,
      case
        when length(f.period) = 4 then (f.period || '-12-31')::date
        else ((f.period || '-01')::date + interval '1 month')::date - 1
      end as last_on
    from funds_ledger(fund_chain_view.until, fund_chain_view.as_of) as f
    cross join asked as a
  ), step as materialized (
    select d.*
    from dated as d
    where
      coalesce(d.last_on >= fund_chain_view.since, true)
      and (fund_chain_view.since is null or coalesce(d.first_on <= fund_chain_view.until, true))
  ), measured as (
    select s.*, n.to_bank_days, n.paid_days, n.settle_days
    from step as s
    cross join lateral (
      select
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'funds.to_bank_days'))[1]
          as to_bank_days,
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'funds.paid_days'))[1]
          as paid_days,
        (array_agg(v.days_long order by v.place desc) filter (where v.parameter = 'funds.settle_days'))[1]
          as settle_days
      from stated as v
      where v.from_day <= s.last_on and coalesce(v.programme = s.programme, true)
    ) as n
  )
  select
    m.period, m.fund_stage, m.programme, count(*) as step_count, sum(m.amount_fen)::bigint as amount_fen,
    round(avg(m.to_bank_taken), 1) as to_bank_mean, max(m.to_bank_taken) as to_bank_longest,
    count(*) filter (where m.to_bank_taken > m.to_bank_days) as to_bank_late_count,
    round(avg(m.days_taken), 1) as paid_mean, max(m.days_taken) as paid_longest,
    count(*) filter (where m.days_taken > m.paid_days) as paid_late_count,
    count(*) filter (where m.fund_stage = 'batch_submitted' and m.settled_on is null) as unsettled_count,
    count(*) filter (
      where m.fund_stage = 'batch_submitted' and m.settled_on is null
      and m.last_on + m.settle_days < m.asked_on
    ) as unsettled_late_count,
    sum(m.failed_count)::bigint as failed_count, sum(m.failed_fen)::bigint as failed_fen,
    count(*) filter (where m.difference_fen <> 0) as difference_count,
    sum(m.difference_fen)::bigint as difference_fen
  from measured as m
  group by m.period, m.fund_stage, m.programme;
end;
