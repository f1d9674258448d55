-- Every anomaly as it stands: its latest revision. raised_at: when it was last raised.
CREATE FUNCTION anomaly_state(as_of date)
RETURNS TABLE (
  anomaly_id uuid, rule text, rule_version int, revision int, state text, severity text, key jsonb,
  params jsonb, evidence uuid[], evidence_count int, policy jsonb, subject text, household_no text,
  village text, raised_at timestamptz, revised_at timestamptz
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT a.anomaly_id, a.rule, a.rule_version, a.revision,
         CASE a.verb WHEN 'withdrawn' THEN 'withdrawn' ELSE 'open' END, a.severity, a.key, a.params,
         a.evidence, a.evidence_count, a.policy, a.subject, a.household_no, coalesce(a.village, h.village),
         a.raised_at, a.announced_at
  FROM (
    SELECT e.*,
           max(e.announced_at) FILTER (WHERE e.verb = 'raised') OVER (PARTITION BY e.anomaly_id) AS raised_at,
           row_number() OVER (PARTITION BY e.anomaly_id ORDER BY e.revision DESC) AS age
    FROM anomaly_event e
    JOIN live(NULL, anomaly_state.as_of) f ON f.event_id = e.event_id AND same(f.digest, e.digest)
  ) a
  LEFT JOIN household_village(NULL, anomaly_state.as_of) h ON h.household_no = a.household_no
  WHERE a.age = 1;
END;

CREATE VIEW anomalies_now WITH (security_invoker = true) AS SELECT * FROM anomaly_state(NULL);
