-- Membership of households (enrolment.py), kept by reach (reach.py): until and as_of choose one.

-- Where a fact states no village: that of the household's latest enrolment, whenever that arrived.
create function household_village(until date, as_of date) returns table (household_no text, village text)
language sql stable begin atomic
  select h.household_no, h.village
  from kept_home as h
  where
    case
      when household_village.until is null then h.before is null
      else h.since <= household_village.until and coalesce(household_village.until < h.before, true)
    end
    and case
      when household_village.as_of is null then h.newest
      else
        int8range(h.above, h.upto, '(]')
        @> coalesce(((select cut_of(household_village.as_of)) ->> h.place)::bigint, 0)
        and (h.also is null or reaches(h.also, (select cut_of(household_village.as_of))))
    end;
end;

-- Membership of households, as a state machine over what was stated.
--
-- Changes apply by (effective month, business date, event id). An enrolment or a change brings persons in, a
-- change or an exit takes them out; a change takes out before it brings in. A spell runs from the enrolment
-- with which the household gets its first members to the fact with which it loses its last; what is stated
-- while no spell runs, but an enrolment, has no effect. One row a stay of one person: the months
-- from_month <= m < to_month (to_month NULL: goes on). A stay may be empty, where a person comes and goes in
-- one month. Asked of many households at once, each as of its own until and cut: the number is its place.
create function stays_of(households text[], untils date[], cuts jsonb[])
returns table (
  number bigint, household_no text, programme text, spell int, spell_from text,
  began_by uuid, began_on date, route text, began_village text,
  person_id text, relation text, from_month text, to_month text, joined_by uuid,
  left_by uuid, left_on date, exit_kind text, left_village text, ended_spell boolean
)
language plpgsql stable rows 5 set search_path from current
set plan_cache_mode to force_generic_plan as $$
#variable_conflict use_column
declare
  change record;
  at_number bigint;
  at_household text;
  at_programme text;
  spells int;
  first_month text; first_event uuid; first_day date; first_route text; first_village text;
  persons text[]; relations text[]; froms text[]; joins uuid[];
  kept_persons text[]; kept_relations text[]; kept_froms text[]; kept_joins uuid[];
  leaving text[];
  ends boolean;
  i int;
begin
  for change in
    select
      a.number, e.event_id, e.kind, e.household_no, e.programme, e.month, e.route, e.scope, e.exit_kind,
      e.village, f.business_date, p.joins, p.relations, p.leaves
    from unnest(stays_of.households, stays_of.untils, stays_of.cuts)
      with ordinality as a (household_no, until, cut, number)
    join enrolment as e on e.household_no = a.household_no
    cross join lateral (
      select f.business_date
      from live_below(a.until, a.cut) as f
      where f.event_id = e.event_id and same(f.digest, e.digest)
    ) as f
    left join lateral (
      select
        array_agg(q.person_id order by q.ordinal) filter (where q.part = 'joins') as joins,
        array_agg(q.relation order by q.ordinal) filter (where q.part = 'joins') as relations,
        array_agg(q.person_id order by q.ordinal) filter (where q.part = 'leaves') as leaves
      from enrolment_person as q
      where q.event_id = e.event_id and q.digest = e.digest
    ) as p on true
    where e.kind in ('enrolled', 'members_changed', 'exited')
    union all
    select null, null, null, null, null, null, null, null, null, null, null, null, null, null
    order by number nulls last, programme, month, business_date, event_id
  loop
    if at_number is null or (change.number, change.programme) is distinct from (at_number, at_programme) then
      -- Who is still in the household before goes on.
      number := at_number; household_no := at_household; programme := at_programme; spell := spells; spell_from := first_month;
      began_by := first_event; began_on := first_day; route := first_route; began_village := first_village;
      to_month := null; left_by := null; left_on := null; exit_kind := null; left_village := null;
      ended_spell := false;
      for i in 1 .. coalesce(cardinality(persons), 0) loop
        person_id := persons[i]; relation := relations[i]; from_month := froms[i]; joined_by := joins[i];
        return next;
      end loop;
      at_number := change.number; at_household := change.household_no; at_programme := change.programme;
      spells := 0;
      persons := '{}'; relations := '{}'; froms := '{}'; joins := '{}';
    end if;
    exit when change.number is null;
    continue when cardinality(persons) = 0 and change.kind <> 'enrolled';

    leaving := case when change.scope = 'household' then persons else coalesce(change.leaves, '{}') end;
    kept_persons := '{}'; kept_relations := '{}'; kept_froms := '{}'; kept_joins := '{}';
    ends := persons <@ leaving and change.joins is null;
    number := at_number; household_no := at_household; programme := at_programme; spell := spells;
    spell_from := first_month;
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
      spells := spells + 1;
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
-- ended, exit_kind only where it ended by an exit. They are made of stays when these are kept.
create function keep(households text[]) returns void
language plpgsql set search_path from current
set plan_cache_mode to force_generic_plan as $$
begin
  delete from kept_home as k where k.household_no = any(keep.households);
  delete from kept_stay as k where k.household_no = any(keep.households);
  delete from kept_spell as k where k.household_no = any(keep.households);
  with stated as (
    select
      array_agg(e.household_no) as households, array_agg(e.event_id) as events, array_agg(e.digest) as digests
    from enrolment as e
    where e.household_no = any(keep.households) and e.kind in ('enrolled', 'members_changed', 'exited')
  ), home as materialized (
    select r.thing as household_no, r.*, v.village, row_number() over () as number
    from stated as s
    cross join lateral reach_of(s.households, s.events, s.digests) as r
    cross join lateral (
      select e.village
      from enrolment as e
      join live_below(r.since, r.cut) as f on f.event_id = e.event_id and same(f.digest, e.digest)
      where e.household_no = r.thing and e.kind = 'enrolled'
      order by f.business_date desc, e.event_id desc
      limit 1
    ) as v
  ), stay as materialized (
    select r.since, r.before, r.place, r.above, r.upto, r.also, r.newest, r.village, s.*
    from (
      select
        array_agg(h.household_no order by h.number) as households, array_agg(h.since order by h.number) as untils,
        array_agg(h.cut order by h.number) as cuts
      from home as h
    ) as every
    cross join lateral stays_of(every.households, every.untils, every.cuts) as s
    join home as r on r.number = s.number
  ), kept_homes as (
    insert into kept_home (household_no, village, since, before, place, above, upto, also, newest)
    select h.household_no, h.village, h.since, h.before, h.place, h.above, h.upto, h.also, h.newest
    from home as h
  ), kept_stays as (
    insert into kept_stay (
      household_no, programme, spell, spell_from, began_by, began_on, route, village, person_id,
      relation, from_month, to_month, joined_by, left_by, left_on, exit_kind, left_village, ended_spell,
      since, before, place, above, upto, also, newest
    )
    select
      s.household_no, s.programme, s.spell, s.spell_from, s.began_by, s.began_on, s.route,
      coalesce(s.began_village, s.village) as village, s.person_id, s.relation, s.from_month, s.to_month,
      s.joined_by, s.left_by, s.left_on, s.exit_kind, s.left_village, s.ended_spell, s.since, s.before,
      s.place, s.above, s.upto, s.also, s.newest
    from stay as s
  )
  insert into kept_spell (
    household_no, programme, spell, village, from_month, to_month, route, began_by, began_on, ended_by,
    ended_on, exit_kind, ended_village, members, since, before, place, above, upto, also, newest
  )
  select
    s.household_no, s.programme, s.spell, coalesce(min(s.began_village), min(s.village)) as village,
    min(s.spell_from) as from_month, max(s.to_month) filter (where s.ended_spell) as to_month,
    min(s.route) as route, min(s.began_by::text)::uuid as began_by, min(s.began_on) as began_on,
    (min(s.left_by::text) filter (where s.ended_spell))::uuid as ended_by,
    min(s.left_on) filter (where s.ended_spell) as ended_on,
    min(s.exit_kind) filter (where s.ended_spell) as exit_kind,
    min(s.left_village) filter (where s.ended_spell) as ended_village,
    jsonb_agg(jsonb_build_object(
      'person_id', s.person_id, 'relation', s.relation, 'from_month', s.from_month,
      'to_month', s.to_month, 'left_by', s.left_by, 'exit_kind', s.exit_kind
    ) order by s.from_month, s.person_id, s.to_month) as members,
    s.since, s.before, s.place, s.above, s.upto, s.also, s.newest
  from stay as s
  group by
    s.number, s.household_no, s.programme, s.spell, s.since, s.before, s.place, s.above, s.upto, s.also,
    s.newest;
end $$;

create function stays(until date, as_of date)
returns table (
  household_no text, programme text, spell int, spell_from text,
  began_by uuid, began_on date, route text, village text,
  person_id text, relation text, from_month text, to_month text, joined_by uuid,
  left_by uuid, left_on date, exit_kind text, left_village text, ended_spell boolean
)
language sql stable begin atomic
  select
    s.household_no, s.programme, s.spell, s.spell_from, s.began_by, s.began_on, s.route, s.village,
    s.person_id, s.relation, s.from_month, s.to_month, s.joined_by, s.left_by, s.left_on, s.exit_kind,
    s.left_village, s.ended_spell
  from kept_stay as s
  where
    case
      when stays.until is null then s.before is null
      else s.since <= stays.until and coalesce(stays.until < s.before, true)
    end
    and case
      when stays.as_of is null then s.newest
      else
        int8range(s.above, s.upto, '(]')
        @> coalesce(((select cut_of(stays.as_of)) ->> s.place)::bigint, 0)
        and (s.also is null or reaches(s.also, (select cut_of(stays.as_of))))
    end;
end;

create function spells(until date, as_of date)
returns table (
  household_no text, programme text, spell int, village text, from_month text, to_month text, route text,
  began_by uuid, began_on date, ended_by uuid, ended_on date, exit_kind text, ended_village text,
  members jsonb
)
language sql stable begin atomic
  select
    s.household_no, s.programme, s.spell, s.village, s.from_month, s.to_month, s.route, s.began_by,
    s.began_on, s.ended_by, s.ended_on, s.exit_kind, s.ended_village, s.members
  from kept_spell as s
  where
    case
      when spells.until is null then s.before is null
      else s.since <= spells.until and coalesce(spells.until < s.before, true)
    end
    and case
      when spells.as_of is null then s.newest
      else
        int8range(s.above, s.upto, '(]')
        @> coalesce(((select cut_of(spells.as_of)) ->> s.place)::bigint, 0)
        and (s.also is null or reaches(s.also, (select cut_of(spells.as_of))))
    end;
end;
