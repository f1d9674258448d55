-- What is kept of a thing, by reach (reach.py): until and as_of choose one. A cut knows a place up to its
-- offset; one that it does not name has recorded nothing.
create function reaches(also jsonb, cut jsonb) returns boolean
language sql immutable parallel safe begin atomic
  select
    coalesce(bool_and(
      int8range((a.value ->> 0)::bigint, (a.value ->> 1)::bigint, '(]')
      @> coalesce((reaches.cut ->> a.key)::bigint, 0)
    ), true)
  from jsonb_each(reaches.also) as a;
end;

-- Of versions of facts, each of the thing that it is of: every question to which an thing's facts may have an
-- answer of their own. What it is follows from since, as until, and from the cut.
create function reach_of(things text[], events uuid[], digests text[])
returns table (
  thing text, since date, before date, place text, above bigint, upto bigint, also jsonb, newest boolean,
  cut jsonb
)
language sql stable begin atomic
  with recursive stated as materialized (
    select
      s.thing, array_agg(s.event_id) as events, array_agg(f.business_date) as dates,
      array_agg(f.topic || '/' || f.partition) as places, array_agg(f."offset") as at_offsets,
      -- Of one record nothing else decides.
      count(*) = 1 and not bool_or(
        exists (
          select from void as v
          where v.target = s.event_id
        )
        or exists (
          select from contested as x
          where x.event_id = s.event_id
        )
      ) as alone
    from unnest(reach_of.things, reach_of.events, reach_of.digests) as s (thing, event_id, digest)
    join fact as f on f.event_id = s.event_id and f.digest = s.digest
    group by s.thing
  ), record as (
    -- Whatever decides which of them count: other contents of their ids, voids, other contents of these.
    select s.thing, v.place, v."offset", s.dates, s.places, s.at_offsets
    from stated as s
    cross join lateral unnest(s.places, s.at_offsets) as v (place, "offset")
    where not s.alone
    union
    select s.thing, f.topic || '/' || f.partition as place, f."offset", s.dates, s.places, s.at_offsets
    from stated as s
    cross join lateral unnest(s.events) as e (event_id)
    join contested as x on x.event_id = e.event_id
    join fact as f on f.event_id = x.event_id
    where not s.alone
    union
    select s.thing, f.topic || '/' || f.partition as place, f."offset", s.dates, s.places, s.at_offsets
    from stated as s
    cross join lateral unnest(s.events) as e (event_id)
    join void as v on v.target = e.event_id
    join fact as f on f.event_id = v.event_id
    where not s.alone
  ), mark as materialized (
    select
      m.*, dense_rank() over (partition by m.thing order by m.place) as nth,
      count(*) filter (where m.above < 0) over (partition by m.thing) as differing
    from (
      select
        r.thing, r.place, r."offset" as above,
        lead(r."offset") over (partition by r.thing, r.place order by r."offset") as upto,
        r.dates, r.places, r.at_offsets
      from record as r
      union all
      select r.thing, r.place, -1 as above, min(r."offset") as upto, r.dates, r.places, r.at_offsets
      from record as r
      group by r.thing, r.place, r.dates, r.places, r.at_offsets
    ) as m
  ), combined as (
    select
      m.thing, m.nth, m.differing, m.place, m.above, m.upto, null::jsonb as beside,
      m.upto is null as newest, m.above < 0 as blank, jsonb_build_object(m.place, m.above + 1) as cut,
      m.dates, m.places, m.at_offsets
    from mark as m
    where m.nth = 1
    union all
    select
      c.thing, m.nth, c.differing, c.place, c.above, c.upto,
      coalesce(c.beside, '{}') || jsonb_build_object(m.place, jsonb_build_array(m.above, m.upto)) as beside,
      c.newest and m.upto is null as newest, c.blank and m.above < 0 as blank,
      c.cut || jsonb_build_object(m.place, m.above + 1) as cut, c.dates, c.places, c.at_offsets
    from combined as c
    join mark as m on m.thing = c.thing and m.nth = c.nth + 1
  )
  select
    d.thing, d.since, lead(d.since) over (partition by d.thing, d.cut order by d.since) as ended, d.place,
    d.above, d.upto, d.beside, d.newest, d.cut
  from (
    select distinct c.thing, s.business_date as since, c.place, c.above, c.upto, c.beside, c.newest, c.cut
    from combined as c
    cross join lateral unnest(c.dates, c.places, c.at_offsets) as s (business_date, place, "offset")
    where c.nth = c.differing and not c.blank and s."offset" < (c.cut ->> s.place)::bigint
  ) as d
  union all
  select
    s.thing, s.dates[1] as since, null as ended, s.places[1] as place, s.at_offsets[1] as above, null as upto,
    null as beside, true as newest, jsonb_build_object(s.places[1], s.at_offsets[1] + 1) as cut
  from stated as s
  where s.alone;
end;
