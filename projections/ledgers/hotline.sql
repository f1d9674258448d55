-- The hotline's ledger (R52): the latest call of each number, with its first answer; resolved as soon as one
-- answer met what was asked (R55). A call that was taken and asked nothing needs no answer. twice: several
-- calls that count have the number.
CREATE FUNCTION hotline_ledger(until date, as_of date)
RETURNS TABLE (
  event_id uuid, call_no text, village text, line text, called_at timestamptz, called_on date,
  picked_up boolean, caller text, matter_code text, due_on date, answered_on date, answered_by uuid,
  status text, twice boolean
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT DISTINCT ON (c.call_no) c.event_id, c.call_no, c.village, c.line, c.called_at, f.business_date,
         c.picked_up, c.caller, c.matter_code, c.due_on, a.answered_on, a.event_id,
         CASE WHEN a.resolved THEN 'resolved'
              WHEN a.call_no IS NOT NULL THEN 'answered'
              WHEN NOT c.picked_up THEN 'missed'
              WHEN c.matter_code IS NULL THEN 'taken'
              ELSE 'waiting' END,
         count(*) OVER (PARTITION BY c.call_no) > 1
  FROM hotline_call c
  JOIN live(hotline_ledger.until, hotline_ledger.as_of) f
    ON f.event_id = c.event_id AND same(f.digest, c.digest)
  LEFT JOIN (
    SELECT DISTINCT ON (h.call_no) h.call_no, f.business_date AS answered_on, h.event_id,
           bool_or(h.resolved) OVER (PARTITION BY h.call_no) AS resolved
    FROM hotline_answer h
    JOIN live(hotline_ledger.until, hotline_ledger.as_of) f
      ON f.event_id = h.event_id AND same(f.digest, h.digest)
    ORDER BY h.call_no, h.answered_at, h.event_id
  ) a ON a.call_no = c.call_no
  ORDER BY c.call_no, c.called_at DESC, c.event_id DESC;
END;

CREATE VIEW hotline_now WITH (security_invoker = true) AS SELECT * FROM hotline_ledger(NULL, NULL);
