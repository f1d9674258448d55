-- The custody ledger (R31): the latest grant of each number, with the first end that was stated. twice:
-- several grants that count have the number.
CREATE FUNCTION custody_ledger(until date, as_of date)
RETURNS TABLE (
  event_id uuid, custody_no text, household_no text, village text, beneficiary text, custodian text,
  custodian_kind text, account_id text, agreement_no text, filed_on date, valid_from date, valid_to date,
  granted_on date, ended_on date, ended_by uuid, twice boolean
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT DISTINCT ON (c.custody_no) c.event_id, c.custody_no, c.household_no,
         coalesce(c.village, h.village), c.beneficiary, c.custodian, c.custodian_kind, c.account_id,
         c.agreement_no, c.filed_on, c.valid_from, c.valid_to,
         f.business_date, e.ended_on, e.event_id, count(*) OVER (PARTITION BY c.custody_no) > 1
  FROM custody c
  JOIN live(custody_ledger.until, custody_ledger.as_of) f
    ON f.event_id = c.event_id AND same(f.digest, c.digest)
  LEFT JOIN household_village(custody_ledger.until, custody_ledger.as_of) h ON h.household_no = c.household_no
  LEFT JOIN (
    SELECT DISTINCT ON (k.custody_no) k.custody_no, k.ended_on, k.event_id
    FROM custody_end k
    JOIN live(custody_ledger.until, custody_ledger.as_of) f
      ON f.event_id = k.event_id AND same(f.digest, k.digest)
    ORDER BY k.custody_no, k.ended_on, k.event_id
  ) e ON e.custody_no = c.custody_no
  ORDER BY c.custody_no, f.business_date DESC, c.event_id DESC;
END;

CREATE VIEW custody_now WITH (security_invoker = true) AS SELECT * FROM custody_ledger(NULL, NULL);
