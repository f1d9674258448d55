-- Where a fact states no village: that of the household's latest enrolment, whenever that arrived.
CREATE FUNCTION household_village(until date, as_of date) RETURNS TABLE (household_no text, village text)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT DISTINCT ON (e.household_no) e.household_no, e.village
  FROM enrolment e
  JOIN live(household_village.until, household_village.as_of) f
    ON f.event_id = e.event_id AND same(f.digest, e.digest)
  WHERE e.kind = 'enrolled'
  ORDER BY e.household_no, f.business_date DESC, e.event_id DESC;
END;

-- Membership of households, as a state machine over what was stated.
--
-- Changes apply by (effective month, business date, event id). An enrolment or a change brings persons in, a
-- change or an exit takes them out; a change takes out before it brings in. A spell runs from the enrolment
-- with which the household gets its first members to the fact with which it loses its last; what is stated
-- while no spell runs, but an enrolment, has no effect. One row a stay of one person: the months
-- from_month <= m < to_month (to_month NULL: goes on). A stay may be empty, where a person comes and goes in
-- one month.
CREATE FUNCTION stays(until date, as_of date)
RETURNS TABLE (
  household_no text, programme text, spell int, spell_from text,
  began_by uuid, began_on date, route text, began_village text,
  person_id text, relation text, from_month text, to_month text, joined_by uuid,
  left_by uuid, left_on date, exit_kind text, left_village text, ended_spell boolean
)
LANGUAGE plpgsql STABLE ROWS 5000 SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  change record;
  at_household text;
  at_programme text;
  number int;
  first_month text; first_event uuid; first_day date; first_route text; first_village text;
  persons text[]; relations text[]; froms text[]; joins uuid[];
  kept_persons text[]; kept_relations text[]; kept_froms text[]; kept_joins uuid[];
  leaving text[];
  ends boolean;
  i int;
BEGIN
  FOR change IN
    SELECT e.event_id, e.kind, e.household_no, e.programme, e.month, e.route, e.scope, e.exit_kind, e.village,
           f.business_date, p.joins, p.relations, p.leaves
    FROM enrolment e
    JOIN live(stays.until, stays.as_of) f ON f.event_id = e.event_id AND same(f.digest, e.digest)
    LEFT JOIN (
      SELECT event_id, digest,
             array_agg(person_id ORDER BY ordinal) FILTER (WHERE part = 'joins') AS joins,
             array_agg(relation ORDER BY ordinal) FILTER (WHERE part = 'joins') AS relations,
             array_agg(person_id ORDER BY ordinal) FILTER (WHERE part = 'leaves') AS leaves
      FROM enrolment_person
      GROUP BY event_id, digest
    ) p ON p.event_id = e.event_id AND p.digest = e.digest
    WHERE e.kind IN ('enrolled', 'members_changed', 'exited')
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    ORDER BY household_no NULLS LAST, programme, month, business_date, event_id
  LOOP
    IF at_household IS NULL
       OR (change.household_no, change.programme) IS DISTINCT FROM (at_household, at_programme)
    THEN
      -- Who is still in the household before goes on.
      household_no := at_household; programme := at_programme; spell := number; spell_from := first_month;
      began_by := first_event; began_on := first_day; route := first_route; began_village := first_village;
      to_month := NULL; left_by := NULL; left_on := NULL; exit_kind := NULL; left_village := NULL;
      ended_spell := false;
      FOR i IN 1 .. coalesce(cardinality(persons), 0) LOOP
        person_id := persons[i]; relation := relations[i]; from_month := froms[i]; joined_by := joins[i];
        RETURN NEXT;
      END LOOP;
      at_household := change.household_no; at_programme := change.programme; number := 0;
      persons := '{}'; relations := '{}'; froms := '{}'; joins := '{}';
    END IF;
    EXIT WHEN change.household_no IS NULL;
    CONTINUE WHEN cardinality(persons) = 0 AND change.kind <> 'enrolled';

    leaving := CASE WHEN change.scope = 'household' THEN persons ELSE coalesce(change.leaves, '{}') END;
    kept_persons := '{}'; kept_relations := '{}'; kept_froms := '{}'; kept_joins := '{}';
    ends := persons <@ leaving AND change.joins IS NULL;
    household_no := at_household; programme := at_programme; spell := number; spell_from := first_month;
    began_by := first_event; began_on := first_day; route := first_route; began_village := first_village;
    to_month := change.month; left_by := change.event_id; left_on := change.business_date;
    exit_kind := change.exit_kind; left_village := change.village; ended_spell := ends;
    FOR i IN 1 .. cardinality(persons) LOOP
      IF persons[i] = ANY (leaving) THEN
        person_id := persons[i]; relation := relations[i]; from_month := froms[i]; joined_by := joins[i];
        RETURN NEXT;
      ELSE
        kept_persons := kept_persons || persons[i]; kept_relations := kept_relations || relations[i];
        kept_froms := kept_froms || froms[i]; kept_joins := kept_joins || joins[i];
      END IF;
    END LOOP;

    IF cardinality(persons) = 0 THEN
      number := number + 1;
      first_month := change.month; first_event := change.event_id; first_day := change.business_date;
      first_route := change.route; first_village := change.village;
    END IF;
    FOR i IN 1 .. coalesce(cardinality(change.joins), 0) LOOP
      IF change.joins[i] <> ALL (kept_persons) THEN
        kept_persons := kept_persons || change.joins[i];
        kept_relations := kept_relations || change.relations[i];
        kept_froms := kept_froms || change.month; kept_joins := kept_joins || change.event_id;
      END IF;
    END LOOP;
    persons := kept_persons; relations := kept_relations; froms := kept_froms; joins := kept_joins;
  END LOOP;
END $$;

-- Spells: to_month is the first month without any member; ended_by and exit_kind only where a spell has
-- ended, exit_kind only where it ended by an exit.
CREATE FUNCTION spells(until date, as_of date)
RETURNS TABLE (
  household_no text, programme text, spell int, village text, from_month text, to_month text, route text,
  began_by uuid, began_on date, ended_by uuid, ended_on date, exit_kind text, members jsonb
)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT s.household_no, s.programme, s.spell, coalesce(min(s.began_village), min(h.village)),
         min(s.spell_from), max(s.to_month) FILTER (WHERE s.ended_spell), min(s.route),
         min(s.began_by::text)::uuid, min(s.began_on),
         (min(s.left_by::text) FILTER (WHERE s.ended_spell))::uuid,
         min(s.left_on) FILTER (WHERE s.ended_spell),
         min(s.exit_kind) FILTER (WHERE s.ended_spell),
         jsonb_agg(jsonb_build_object(
           'person_id', s.person_id, 'relation', s.relation, 'from_month', s.from_month,
           'to_month', s.to_month, 'left_by', s.left_by, 'exit_kind', s.exit_kind
         ) ORDER BY s.from_month, s.person_id, s.to_month)
  FROM stays(spells.until, spells.as_of) s
  LEFT JOIN household_village(spells.until, spells.as_of) h USING (household_no)
  GROUP BY s.household_no, s.programme, s.spell;
END;
