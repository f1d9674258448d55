-- The petitions ledger (R37). repeats: the event id of the last earlier petition since 2018-01-01, by
-- (filed_on, event id), of the same petitioner or the same household on the same matter (R38); NULL: none.
-- Of facts that state one number twice, the latest counts, and twice says so; the outcome is that of the
-- latest closing.
CREATE FUNCTION petitions_ledger(until date, as_of date)
RETURNS TABLE (
  event_id uuid, petition_no text, petitioner text, household_no text, village text, filed_on date,
  channel text, kind text, matter_code text, repeats uuid, repeats_petition_no text,
  closed_on date, outcome text, closed_by uuid, twice boolean
)
LANGUAGE sql STABLE BEGIN ATOMIC
  WITH filed AS (
    SELECT p.*,
           CASE WHEN p.petitioner IS NOT NULL AND p.filed_on >= DATE '2018-01-01' THEN
             lag(p.event_id) OVER (
               PARTITION BY p.petitioner, p.matter_code, p.filed_on >= DATE '2018-01-01'
               ORDER BY p.filed_on, p.event_id) END AS by_petitioner,
           CASE WHEN p.household_no IS NOT NULL AND p.filed_on >= DATE '2018-01-01' THEN
             lag(p.event_id) OVER (
               PARTITION BY p.household_no, p.matter_code, p.filed_on >= DATE '2018-01-01'
               ORDER BY p.filed_on, p.event_id) END AS by_household
    FROM (
      SELECT DISTINCT ON (q.petition_no) q.*, count(*) OVER (PARTITION BY q.petition_no) > 1 AS twice
      FROM petition q
      JOIN live(petitions_ledger.until, petitions_ledger.as_of) f
        ON f.event_id = q.event_id AND same(f.digest, q.digest)
      ORDER BY q.petition_no, q.filed_on DESC, q.event_id DESC
    ) p
  ), closed AS (
    SELECT DISTINCT ON (c.petition_no) c.petition_no, c.closed_on, c.outcome, c.event_id
    FROM petition_closed c
    JOIN live(petitions_ledger.until, petitions_ledger.as_of) f
      ON f.event_id = c.event_id AND same(f.digest, c.digest)
    ORDER BY c.petition_no, c.closed_on DESC, c.event_id DESC
  )
  SELECT f.event_id, f.petition_no, f.petitioner, f.household_no, f.village, f.filed_on, f.channel, f.kind,
         f.matter_code, earlier.event_id, earlier.petition_no, closed.closed_on, closed.outcome,
         closed.event_id, f.twice
  FROM filed f
  LEFT JOIN LATERAL (
    SELECT e.event_id, e.petition_no
    FROM filed e
    WHERE e.event_id IN (f.by_petitioner, f.by_household)
    ORDER BY e.filed_on DESC, e.event_id DESC
    LIMIT 1
  ) earlier ON f.by_petitioner IS NOT NULL OR f.by_household IS NOT NULL
  LEFT JOIN closed ON closed.petition_no = f.petition_no;
END;

CREATE VIEW petitions_now WITH (security_invoker = true) AS SELECT * FROM petitions_ledger(NULL, NULL);
