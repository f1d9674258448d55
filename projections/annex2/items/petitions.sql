-- Petitions that repeat an earlier one; class: their kind; fulfilled: closed as settled. They belong to no
-- programme.
CREATE FUNCTION annex2_petitions(until date, as_of date, programme text) RETURNS SETOF annex2_item
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT 'repeat_petition', p.kind, coalesce(p.outcome = 'settled', false), p.village, p.filed_on, p.event_id,
         p.household_no, p.petitioner, p.petition_no, to_char(p.filed_on, 'YYYY-MM'), NULL::text, 1
  FROM petitions_ledger(annex2_petitions.until, annex2_petitions.as_of) p
  WHERE p.repeats IS NOT NULL;
END;
