-- The kinship ledger (R16): the latest filing of each number, with its latest review. twice: several filings
-- that count have the number.
CREATE FUNCTION kinship_ledger(until date, as_of date)
RETURNS TABLE (
  event_id uuid, filing_no text, household_no text, programme text, village text, official text,
  official_no text, official_kind text, post text, relative text, relation text, declared_on date,
  reviewed_on date, reviewers jsonb, visited boolean, outcome text, reviewed_by uuid, twice boolean
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT DISTINCT ON (k.filing_no) k.event_id, k.filing_no, k.household_no, k.programme,
         coalesce(k.village, h.village), k.official, k.official_no, k.official_kind, k.post, k.relative,
         k.relation, k.declared_on, r.reviewed_on, r.reviewers, r.visited, r.outcome, r.event_id,
         count(*) OVER (PARTITION BY k.filing_no) > 1
  FROM kinship_filing k
  JOIN live(kinship_ledger.until, kinship_ledger.as_of) f
    ON f.event_id = k.event_id AND same(f.digest, k.digest)
  LEFT JOIN household_village(kinship_ledger.until, kinship_ledger.as_of) h
         ON h.household_no = k.household_no
  LEFT JOIN (
    SELECT DISTINCT ON (v.filing_no) v.filing_no, v.reviewed_on, v.reviewers, v.visited, v.outcome, v.event_id
    FROM kinship_review v
    JOIN live(kinship_ledger.until, kinship_ledger.as_of) f
      ON f.event_id = v.event_id AND same(f.digest, v.digest)
    ORDER BY v.filing_no, v.reviewed_on DESC, v.event_id DESC
  ) r ON r.filing_no = k.filing_no
  ORDER BY k.filing_no, k.declared_on DESC, k.event_id DESC;
END;

CREATE VIEW kinship_now WITH (security_invoker = true) AS SELECT * FROM kinship_ledger(NULL, NULL);
