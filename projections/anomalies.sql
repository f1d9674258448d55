-- Every anomaly as it stands: its latest revision. raised_at: when it was last raised.
create function anomaly_state(as_of date)
returns table (
  anomaly_id uuid, rule text, rule_version int, revision int, state text, severity text, key jsonb,
  params jsonb, evidence uuid[], evidence_count int, policy jsonb, subject text, household_no text,
  village text, raised_at timestamptz, revised_at timestamptz
)
language sql stable begin atomic
  select
    a.anomaly_id, a.rule, a.rule_version, a.revision,
    case a.verb when 'withdrawn' then 'withdrawn' else 'open' end as state,
    a.severity, a.key, a.params, a.evidence, a.evidence_count, a.policy, a.subject,
    a.household_no, coalesce(a.village, h.village) as village, a.raised_at, a.announced_at as revised_at
  from (
    select
      e.*,
      max(e.announced_at) filter (where e.verb = 'raised') over (partition by e.anomaly_id) as raised_at,
      row_number() over (partition by e.anomaly_id order by e.revision desc) as age
    from anomaly_event as e
    join live(null, anomaly_state.as_of) as f on f.event_id = e.event_id and same(f.digest, e.digest)
  ) as a
  left join household_village(null, anomaly_state.as_of) as h on h.household_no = a.household_no
  where a.age = 1;
end;

create view anomalies_now with (security_invoker = true) as select * from anomaly_state(null);
