-- What the cells of Annex 2 count, one row an item; which item counts in which cell is data (annex2.py).
-- measure: exit_household, exit_person, entry_household, entry_person, repeat_petition;
-- class: the exit kind, the route, the petition kind; settled: closed as settled.
CREATE FUNCTION annex2_items(until date, as_of date, programme text)
RETURNS TABLE (
  measure text, class text, settled boolean, village text, business_date date, event_id uuid,
  household_no text, person_id text, petition_no text, month text
)
LANGUAGE sql STABLE BEGIN ATOMIC
  WITH stay AS MATERIALIZED (
    SELECT s.*, h.village AS household_village
    FROM stays(annex2_items.until, annex2_items.as_of) s
    LEFT JOIN household_village(annex2_items.until, annex2_items.as_of) h USING (household_no)
    WHERE s.programme = annex2_items.programme
  )
  SELECT DISTINCT 'exit_household', exit_kind, NULL::boolean,
         coalesce(left_village, began_village, household_village), left_on, left_by, household_no, NULL::text,
         NULL::text, to_month
  FROM stay WHERE ended_spell AND exit_kind IS NOT NULL
  UNION ALL
  SELECT 'exit_person', exit_kind, NULL, coalesce(left_village, began_village, household_village),
         left_on, left_by, household_no, person_id, NULL, to_month
  FROM stay WHERE exit_kind IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'entry_household', route, NULL::boolean, coalesce(began_village, household_village),
         began_on, began_by, household_no, NULL::text, NULL::text, spell_from
  FROM stay
  UNION ALL
  SELECT 'entry_person', route, NULL, coalesce(began_village, household_village), began_on,
         began_by, household_no, person_id, NULL, from_month
  FROM stay WHERE from_month = spell_from AND coalesce(to_month > spell_from, true)
  UNION ALL
  SELECT 'repeat_petition', kind, coalesce(outcome = 'settled', false), village, filed_on,
         event_id, household_no, petitioner, petition_no, to_char(filed_on, 'YYYY-MM')
  FROM petitions_ledger(annex2_items.until, annex2_items.as_of)
  WHERE repeats IS NOT NULL;
END;
