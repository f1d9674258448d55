-- Spells that an exit ended, persons who left by one, spells begun and their members of the first month;
-- class: the exit kind, the route.
CREATE FUNCTION annex2_recipients(until date, as_of date, programme text) RETURNS SETOF annex2_item
LANGUAGE sql STABLE BEGIN ATOMIC
  WITH stay AS MATERIALIZED (
    SELECT s.*, coalesce(s.began_village, h.village) AS spell_village
    FROM stays(annex2_recipients.until, annex2_recipients.as_of) s
    LEFT JOIN household_village(annex2_recipients.until, annex2_recipients.as_of) h USING (household_no)
    WHERE s.programme = annex2_recipients.programme
  )
  SELECT DISTINCT 'exit_household', exit_kind, NULL::boolean, coalesce(left_village, spell_village), left_on,
         left_by, household_no, NULL::text, NULL::text, to_month, NULL::text, 1
  FROM stay WHERE ended_spell AND exit_kind IS NOT NULL
  UNION ALL
  SELECT 'exit_person', exit_kind, NULL, coalesce(left_village, spell_village), left_on,
         left_by, household_no, person_id, NULL, to_month, NULL, 1
  FROM stay WHERE exit_kind IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'entry_household', route, NULL::boolean, spell_village, began_on,
         began_by, household_no, NULL::text, NULL::text, spell_from, NULL::text, 1
  FROM stay
  UNION ALL
  SELECT 'entry_person', route, NULL, spell_village, began_on,
         began_by, household_no, person_id, NULL, from_month, NULL, 1
  FROM stay WHERE from_month = spell_from AND coalesce(to_month > spell_from, true);
END;
