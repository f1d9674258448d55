-- Every anomaly as it stands: its latest revision. raised_at: when it was last raised.
create function anomaly_state(as_of date)
returns table (
  anomaly_id uuid, rule text, rule_version int, revision int, state text, severity text, key jsonb,
  params jsonb, evidence uuid[], evidence_count int, policy jsonb, subject text, household_no text,
  village text, holds_since date, raised_at timestamptz, revised_at timestamptz
)
language sql stable begin atomic
  select
    a.anomaly_id, a.rule, a.rule_version, a.revision,
    case a.verb when 'withdrawn' then 'withdrawn' else 'open' end as state,
    a.severity, a.key, a.params, a.evidence, a.evidence_count, a.policy, a.subject, a.household_no,
    coalesce(a.village, (
      select h.village from household_village(null, anomaly_state.as_of) as h
      where h.household_no = a.household_no
    )) as village,
    a.holds_since,
    (
      select max(r.announced_at)
      from anomaly_event as r
      join live(null, anomaly_state.as_of) as rf on rf.event_id = r.event_id and same(rf.digest, r.digest)
      where r.anomaly_id = a.anomaly_id and r.verb = 'raised'
    ) as raised_at,
    a.announced_at as revised_at
  from anomaly_event as a
  join live(null, anomaly_state.as_of) as f on f.event_id = a.event_id and same(f.digest, a.digest)
  where (exists (
    select from anomaly_event as n
    join live(null, anomaly_state.as_of) as nf on nf.event_id = n.event_id and same(nf.digest, n.digest)
    where n.anomaly_id = a.anomaly_id and (n.revision, n.event_id) > (a.revision, a.event_id)
  )) is not true;
end;

create view anomalies_now with (security_invoker = true) as select * from anomaly_state(null);
