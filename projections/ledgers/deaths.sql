-- The ledger of the dead (R33): a row for each household and programme that a person belonged to in the
-- month in which they died, or later; of several deaths of one person the one that was registered last.
-- What was overpaid is what the open anomalies say that name the person and how much it is, but those of
-- the months of grace (severity info), up to the month of until; recovered_fen is what came back from the
-- household because of deaths, of all its dead together. days_taken: calendar days from registration to the
-- decision to stop.
create function deaths_ledger(until date, as_of date)
returns table (
  event_id uuid, person text, died_on date, registered_on date, registry text, household_no text,
  programme text, village text, stop_month text, stopped_on date, days_taken int, stopped_by uuid,
  overpaid_months bigint, overpaid_fen bigint, recovered_fen bigint, status text
)
language sql stable begin atomic
  with died as materialized (
    select distinct on (d.person_id) d.*
    from death as d
    join live(deaths_ledger.until, deaths_ledger.as_of) as f
      on f.event_id = d.event_id and same(f.digest, d.digest)
    order by d.person_id asc, d.registered_on desc, d.event_id desc
  ), stay as materialized (
    select distinct on (s.household_no, s.programme, s.person_id)
      s.household_no, s.programme, s.person_id, s.to_month, s.left_on, s.left_by, s.began_village
    from stays(deaths_ledger.until, deaths_ledger.as_of) as s
    join died as d on d.person_id = s.person_id
    where coalesce(s.to_month > to_char(d.died_on, 'YYYY-MM'), true)
    order by s.household_no asc, s.programme asc, s.person_id asc, s.spell desc, s.from_month desc
  ), overpaid as (
    select
      a.key ->> 'household_no' as household_no, a.key ->> 'programme' as programme,
      a.key ->> 'person' as person_id, count(*) as months,
      sum((a.params ->> 'overpaid_fen')::bigint)::bigint as fen
    from anomaly_state(deaths_ledger.as_of) as a
    where
      a.state = 'open' and a.severity <> 'info' and a.key ? 'person' and a.params ? 'overpaid_fen'
      and coalesce(a.key ->> 'month' <= to_char(deaths_ledger.until, 'YYYY-MM'), true)
    group by a.key ->> 'household_no', a.key ->> 'programme', a.key ->> 'person'
  ), back as (
    select r.household_no, r.programme, sum(r.amount_fen)::bigint as fen
    from recovery as r
    join live(deaths_ledger.until, deaths_ledger.as_of) as f
      on f.event_id = r.event_id and same(f.digest, r.digest)
    where r.cause = 'death'
    group by r.household_no, r.programme
  )
  select
    d.event_id, d.person_id as person, d.died_on, d.registered_on, d.registry, s.household_no, s.programme,
    coalesce(s.began_village, h.village) as village, s.to_month as stop_month, s.left_on as stopped_on,
    s.left_on - d.registered_on as days_taken, s.left_by as stopped_by,
    coalesce(o.months, 0) as overpaid_months, coalesce(o.fen, 0) as overpaid_fen,
    coalesce(b.fen, 0) as recovered_fen,
    case when s.to_month is null then 'going_on' else 'stopped' end as status
  from died as d
  join stay as s on s.person_id = d.person_id
  left join household_village(deaths_ledger.until, deaths_ledger.as_of) as h
    on h.household_no = s.household_no
  left join overpaid as o
    on o.household_no = s.household_no and o.programme = s.programme and o.person_id = s.person_id
  left join back as b on b.household_no = s.household_no and b.programme = s.programme;
end;

create view deaths_now with (security_invoker = true) as select * from deaths_ledger(null, null);
