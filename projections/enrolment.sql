-- Where a fact states no village: that of the household's latest enrolment, whenever that arrived.
create function household_village(until date, as_of date) returns table (household_no text, village text)
language sql stable begin atomic
  select distinct on (e.household_no) e.household_no, e.village
  from enrolment as e
  join live(household_village.until, household_village.as_of) as f
    on f.event_id = e.event_id and same(f.digest, e.digest)
  where e.kind = 'enrolled'
  order by e.household_no asc, f.business_date desc, e.event_id desc;
end;

-- Membership of households, as a state machine over what was stated.
--
-- Changes apply by (effective month, business date, event id). An enrolment or a change brings persons in, a
-- change or an exit takes them out; a change takes out before it brings in. A spell runs from the enrolment
-- with which the household gets its first members to the fact with which it loses its last; what is stated
-- while no spell runs, but an enrolment, has no effect. One row a stay of one person: the months
-- from_month <= m < to_month (to_month NULL: goes on). A stay may be empty, where a person comes and goes in
-- one month.
create function stays(until date, as_of date)
returns table (
  household_no text, programme text, spell int, spell_from text,
  began_by uuid, began_on date, route text, began_village text,
  person_id text, relation text, from_month text, to_month text, joined_by uuid,
  left_by uuid, left_on date, exit_kind text, left_village text, ended_spell boolean
)
language plpgsql stable rows 5000 set search_path from current as $$
#variable_conflict use_column
declare
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
begin
  for change in
    select
      e.event_id, e.kind, e.household_no, e.programme, e.month, e.route, e.scope, e.exit_kind, e.village,
      f.business_date, p.joins, p.relations, p.leaves
    from enrolment as e
    join live(stays.until, stays.as_of) as f on f.event_id = e.event_id and same(f.digest, e.digest)
    left join (
      select
        event_id, digest,
        array_agg(person_id order by ordinal) filter (where part = 'joins') as joins,
        array_agg(relation order by ordinal) filter (where part = 'joins') as relations,
        array_agg(person_id order by ordinal) filter (where part = 'leaves') as leaves
      from enrolment_person
      group by event_id, digest
    ) as p on p.event_id = e.event_id and p.digest = e.digest
    where e.kind in ('enrolled', 'members_changed', 'exited')
    union all
    select null, null, null, null, null, null, null, null, null, null, null, null, null
    order by household_no nulls last, programme, month, business_date, event_id
  loop
    if at_household is null
       or (change.household_no, change.programme) is distinct from (at_household, at_programme)
    then
      -- Who is still in the household before goes on.
      household_no := at_household; programme := at_programme; spell := number; spell_from := first_month;
      began_by := first_event; began_on := first_day; route := first_route; began_village := first_village;
      to_month := null; left_by := null; left_on := null; exit_kind := null; left_village := null;
      ended_spell := false;
      for i in 1 .. coalesce(cardinality(persons), 0) loop
        person_id := persons[i]; relation := relations[i]; from_month := froms[i]; joined_by := joins[i];
        return next;
      end loop;
      at_household := change.household_no; at_programme := change.programme; number := 0;
      persons := '{}'; relations := '{}'; froms := '{}'; joins := '{}';
    end if;
    exit when change.household_no is null;
    continue when cardinality(persons) = 0 and change.kind <> 'enrolled';

    leaving := case when change.scope = 'household' then persons else coalesce(change.leaves, '{}') end;
    kept_persons := '{}'; kept_relations := '{}'; kept_froms := '{}'; kept_joins := '{}';
    ends := persons <@ leaving and change.joins is null;
    household_no := at_household; programme := at_programme; spell := number; spell_from := first_month;
    began_by := first_event; began_on := first_day; route := first_route; began_village := first_village;
    to_month := change.month; left_by := change.event_id; left_on := change.business_date;
    exit_kind := change.exit_kind; left_village := change.village; ended_spell := ends;
    for i in 1 .. cardinality(persons) loop
      if persons[i] = any (leaving) then
        person_id := persons[i]; relation := relations[i]; from_month := froms[i]; joined_by := joins[i];
        return next;
      else
        kept_persons := kept_persons || persons[i]; kept_relations := kept_relations || relations[i];
        kept_froms := kept_froms || froms[i]; kept_joins := kept_joins || joins[i];
      end if;
    end loop;

    if cardinality(persons) = 0 then
      number := number + 1;
      first_month := change.month; first_event := change.event_id; first_day := change.business_date;
      first_route := change.route; first_village := change.village;
    end if;
    for i in 1 .. coalesce(cardinality(change.joins), 0) loop
      if change.joins[i] <> all (kept_persons) then
        kept_persons := kept_persons || change.joins[i];
        kept_relations := kept_relations || change.relations[i];
        kept_froms := kept_froms || change.month; kept_joins := kept_joins || change.event_id;
      end if;
    end loop;
    persons := kept_persons; relations := kept_relations; froms := kept_froms; joins := kept_joins;
  end loop;
end $$;

-- Spells: to_month is the first month without any member; ended_by and exit_kind only where a spell has
-- ended, exit_kind only where it ended by an exit.
create function spells(until date, as_of date)
returns table (
  household_no text, programme text, spell int, village text, from_month text, to_month text, route text,
  began_by uuid, began_on date, ended_by uuid, ended_on date, exit_kind text, members jsonb
)
language sql stable begin atomic
  select
    s.household_no, s.programme, s.spell, coalesce(min(s.began_village), min(h.village)) as village,
    min(s.spell_from) as from_month, max(s.to_month) filter (where s.ended_spell) as to_month,
    min(s.route) as route, min(s.began_by::text)::uuid as began_by, min(s.began_on) as began_on,
    (min(s.left_by::text) filter (where s.ended_spell))::uuid as ended_by,
    min(s.left_on) filter (where s.ended_spell) as ended_on,
    min(s.exit_kind) filter (where s.ended_spell) as exit_kind,
    jsonb_agg(jsonb_build_object(
      'person_id', s.person_id, 'relation', s.relation, 'from_month', s.from_month,
      'to_month', s.to_month, 'left_by', s.left_by, 'exit_kind', s.exit_kind
    ) order by s.from_month, s.person_id, s.to_month) as members
  from stays(spells.until, spells.as_of) as s
  left join household_village(spells.until, spells.as_of) as h on h.household_no = s.household_no
  group by s.household_no, s.programme, s.spell;
end;
