-- The payments ledger (R26). status: live, returned, voided, or set_aside (one id with two contents). twice:
-- another payment that counts has the same number, so one of the two is counted by mistake.
CREATE FUNCTION payments_ledger(until date, as_of date)
RETURNS TABLE (
  event_id uuid, digest text, source text, serial text, payment_no text, household_no text, programme text,
  village text, month text, paid_on date, amount_fen bigint, kind text, account_id text, bank text,
  institution boolean, batch_no text, status text, twice boolean, returned_on date, correlation_id text
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT p.event_id, p.digest, f.source, f.serial, p.payment_no, p.household_no, p.programme,
         coalesce(p.village, h.village), p.month, p.paid_on, p.amount_fen, p.kind, p.account_id, p.bank,
         p.institution, p.batch_no,
         coalesce(d.reason, CASE WHEN r.returned_on IS NULL THEN 'live' ELSE 'returned' END),
         d.reason IS NULL AND EXISTS (
           SELECT FROM payment q
           JOIN live(payments_ledger.until, payments_ledger.as_of) o
             ON o.event_id = q.event_id AND same(o.digest, q.digest)
           WHERE q.payment_no = p.payment_no AND q.event_id <> p.event_id
         ),
         r.returned_on, f.correlation_id
  FROM payment p
  JOIN recorded(payments_ledger.as_of) f ON f.event_id = p.event_id AND same(f.digest, p.digest)
  LEFT JOIN discounted(payments_ledger.as_of) d ON d.event_id = p.event_id AND same(d.digest, p.digest)
  LEFT JOIN household_village(payments_ledger.until, payments_ledger.as_of) h
         ON h.household_no = p.household_no
  LEFT JOIN (
    SELECT b.payment_no, min(b.returned_on) AS returned_on
    FROM returned b
    JOIN live(payments_ledger.until, payments_ledger.as_of) f
      ON f.event_id = b.event_id AND same(f.digest, b.digest)
    GROUP BY b.payment_no
  ) r ON r.payment_no = p.payment_no
  WHERE payments_ledger.until IS NULL OR p.paid_on <= payments_ledger.until;
END;

CREATE VIEW payments_now WITH (security_invoker = true) AS SELECT * FROM payments_ledger(NULL, NULL);
