-- The recipients ledger: spells (those that cover a month, where one is asked for), with the entitlement of
-- that month, or else the last one stated within the spell, and how many are members then.
-- twice: the household was enrolled for the month more than once, by facts that count.
CREATE FUNCTION recipients_ledger(until date, as_of date, month text)
RETURNS TABLE (
  household_no text, programme text, spell int, village text, from_month text, to_month text, route text,
  began_by uuid, began_on date, ended_by uuid, ended_on date, exit_kind text, members jsonb,
  member_count bigint, entitlement_fen bigint, twice boolean
)
LANGUAGE sql STABLE BEGIN ATOMIC
  WITH stated AS MATERIALIZED (
    SELECT e.household_no, e.programme, e.month, e.entitlement_fen, f.time, e.event_id
    FROM enrolment e
    JOIN live(recipients_ledger.until, recipients_ledger.as_of) f
      ON f.event_id = e.event_id AND same(f.digest, e.digest)
    WHERE e.entitlement_fen IS NOT NULL AND coalesce(e.month <= recipients_ledger.month, true)
  ), spell AS MATERIALIZED (
    SELECT * FROM spells(recipients_ledger.until, recipients_ledger.as_of)
  ), entitled AS MATERIALIZED (
    SELECT DISTINCT ON (s.household_no, s.programme, s.spell) s.household_no, s.programme, s.spell,
           e.entitlement_fen
    FROM spell s
    JOIN stated e ON e.household_no = s.household_no AND e.programme = s.programme
                 AND e.month >= s.from_month AND coalesce(e.month < s.to_month, true)
    ORDER BY s.household_no, s.programme, s.spell, e.month DESC, e.time DESC, e.event_id DESC
  )
  SELECT s.household_no, s.programme, s.spell, s.village, s.from_month, s.to_month, s.route, s.began_by,
         s.began_on, s.ended_by, s.ended_on, s.exit_kind, s.members,
         (SELECT count(*) FROM jsonb_array_elements(s.members) m
          WHERE CASE WHEN recipients_ledger.month IS NULL THEN m ->> 'to_month' IS NULL
                     ELSE m ->> 'from_month' <= recipients_ledger.month
                      AND coalesce(m ->> 'to_month' > recipients_ledger.month, true) END),
         e.entitlement_fen,
         EXISTS (
           SELECT FROM enrolment q
           JOIN live(recipients_ledger.until, recipients_ledger.as_of) o
             ON o.event_id = q.event_id AND same(o.digest, q.digest)
           WHERE q.kind = 'enrolled' AND q.household_no = s.household_no AND q.programme = s.programme
             AND q.month = s.from_month AND q.event_id <> s.began_by
         )
  FROM spell s
  LEFT JOIN entitled e USING (household_no, programme, spell)
  WHERE recipients_ledger.month IS NULL
     OR (s.from_month <= recipients_ledger.month AND coalesce(s.to_month > recipients_ledger.month, true));
END;

CREATE VIEW recipients_now WITH (security_invoker = true) AS
SELECT * FROM recipients_ledger(NULL, NULL, NULL);
