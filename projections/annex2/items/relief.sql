-- Grants of temporary relief, as many times as persons are relieved (人次), of every programme; class: the
-- cause.
CREATE FUNCTION annex2_relief(until date, as_of date, programme text) RETURNS SETOF annex2_item
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT 'relief', r.cause, NULL::boolean, coalesce(r.village, h.village), r.granted_on, r.event_id,
         r.household_no, r.person, r.relief_no, to_char(r.granted_on, 'YYYY-MM'), NULL::text, r.person_times
  FROM relief_grant r
  JOIN live(annex2_relief.until, annex2_relief.as_of) f
    ON f.event_id = r.event_id AND same(f.digest, r.digest)
  LEFT JOIN household_village(annex2_relief.until, annex2_relief.as_of) h ON h.household_no = r.household_no;
END;
