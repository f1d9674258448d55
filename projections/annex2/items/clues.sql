-- Steps of clues, a clue or a case counted once; and the cadres they name, each counted once. class: the
-- track, and discipline_own where discipline inspection found the clue or was told of it; fulfilled: the
-- latest verification says that it holds, wholly or partly.
CREATE FUNCTION annex2_clues(until date, as_of date, programme text) RETURNS SETOF annex2_item
LANGUAGE sql STABLE BEGIN ATOMIC
  WITH step AS MATERIALIZED (
    SELECT c.*
    FROM clue_step c
    JOIN live(annex2_clues.until, annex2_clues.as_of) f
      ON f.event_id = c.event_id AND same(f.digest, c.digest)
  ), clue AS (
    SELECT DISTINCT ON (s.clue_no) s.clue_no, s.household_no, coalesce(s.village, h.village) AS village
    FROM step s
    LEFT JOIN household_village(annex2_clues.until, annex2_clues.as_of) h ON h.household_no = s.household_no
    WHERE s.kind = 'received'
    ORDER BY s.clue_no, s.day DESC, s.event_id DESC
  ), verdict AS (
    SELECT DISTINCT ON (s.clue_no) s.clue_no, s.result IN ('substantiated', 'partly') AS holds
    FROM step s
    WHERE s.kind = 'verified'
    ORDER BY s.clue_no, s.day DESC, s.event_id DESC
  ), placed AS (
    SELECT s.kind, s.event_id, s.digest, s.day, s.clue_no, s.case_no, c.household_no,
           coalesce(s.village, c.village) AS village, coalesce(v.holds, false) AS holds,
           CASE WHEN s.track = 'discipline' AND s.origin IN ('found', 'reported') THEN 'discipline_own'
                ELSE s.track END AS class
    FROM step s
    LEFT JOIN clue c ON c.clue_no = s.clue_no
    LEFT JOIN verdict v ON v.clue_no = s.clue_no
  )
  SELECT p.kind, p.class, p.holds, p.village, p.day, p.event_id, p.household_no, NULL::text,
         n.number, to_char(p.day, 'YYYY-MM'), n.number, 1
  FROM placed p
  CROSS JOIN LATERAL (SELECT CASE p.kind WHEN 'case_opened' THEN p.case_no ELSE p.clue_no END AS number) n
  UNION ALL
  SELECT p.kind || '_cadre', NULL, NULL, p.village, p.day, p.event_id, p.household_no, k.person_id,
         p.clue_no, to_char(p.day, 'YYYY-MM'), k.person_id, 1
  FROM placed p
  JOIN (SELECT DISTINCT event_id, digest, person_id FROM clue_cadre) k
    ON k.event_id = p.event_id AND k.digest = p.digest;
END;
