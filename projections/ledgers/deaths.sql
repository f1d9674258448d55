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
  select
    d.event_id, d.person_id as person, d.died_on, d.registered_on, d.registry, s.household_no, s.programme,
    s.village,
    s.to_month as stop_month, s.left_on as stopped_on, s.left_on - d.registered_on as days_taken,
    s.left_by as stopped_by, coalesce(o.months, 0) as overpaid_months, coalesce(o.fen, 0) as overpaid_fen,
    coalesce(b.fen, 0) as recovered_fen,
    case when s.to_month is null then 'going_on' else 'stopped' end as status
  from death as d
  join
    live(deaths_ledger.until, deaths_ledger.as_of) as f
    on f.event_id = d.event_id and same(f.digest, d.digest)
  join stays(deaths_ledger.until, deaths_ledger.as_of) as s
    on s.person_id = d.person_id and coalesce(s.to_month > to_char(d.died_on, 'YYYY-MM'), true)
  left join lateral (
    select count(*) as months, sum((a.params ->> 'overpaid_fen')::bigint)::bigint as fen
    from anomaly_state(deaths_ledger.as_of) as a
    where
      a.key ? 'person' and a.key ->> 'person' = d.person_id and a.key ->> 'household_no' = s.household_no
      and a.key ->> 'programme' = s.programme
      and a.state = 'open' and a.severity <> 'info' and a.params ? 'overpaid_fen'
      and coalesce(a.key ->> 'month' <= to_char(deaths_ledger.until, 'YYYY-MM'), true)
  ) as o on true
  left join lateral (
    select sum(r.amount_fen)::bigint as fen
    from recovery as r
    join
      live(deaths_ledger.until, deaths_ledger.as_of) as rf
      on rf.event_id = r.event_id and same(rf.digest, r.digest)
    where r.household_no = s.household_no and r.programme = s.programme and r.cause = 'death'
  ) as b on true
  where
    (deaths_ledger.until is null or d.died_on <= deaths_ledger.until)
    and (deaths_ledger.as_of is null or d.died_on <= (select latest_of('vitals', deaths_ledger.as_of)))
    and (exists (
      select from death as n
      join
        live(deaths_ledger.until, deaths_ledger.as_of) as nf
        on nf.event_id = n.event_id and same(nf.digest, n.digest)
      where n.person_id = d.person_id and (n.registered_on, n.event_id) > (d.registered_on, d.event_id)
    )) is not true
    and (exists (
      select from stays(deaths_ledger.until, deaths_ledger.as_of) as t
      where
        t.household_no = s.household_no and t.programme = s.programme and t.person_id = s.person_id
        and coalesce(t.to_month > to_char(d.died_on, 'YYYY-MM'), true)
        and (t.spell, t.from_month) > (s.spell, s.from_month)
    )) is not true;
end;

create view deaths_now with (security_invoker = true) as select * from deaths_ledger(null, null);
