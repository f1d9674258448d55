-- What views share: the day to which they count, and the numbers that policy sets.

-- The day asked for; else the closed day as_of, else the latest closed day, else today.
create function view_day(until date, as_of date) returns date
language sql stable begin atomic
  select coalesce(
    view_day.until,
    view_day.as_of,
    -- From the latest day back until one counts: a join with live() would look at every fact.
    (
      select c.day
      from cut as c
      where
        0 = (
          select count(*) from contested as x
          where x.event_id = c.event_id
        )
        and 0 = (
          select count(*) from void_in_force(null) as v
          where v.target = c.event_id
        )
      order by c.day desc
      limit 1
    ),
    (now() at time zone 'Asia/Shanghai')::date
  );
end;

-- Every value of a parameter that ever held, with where it holds (from_day, division_prefix, programme). Of
-- those that hold for somebody on a day the one of the greatest place is in force: the longest prefix, then
-- one that names the programme, then what holds from later, then what was stated last; a default before all.
create function view_value(as_of date)
returns table (
  parameter text, setting numeric, from_day date, division_prefix text, programme text, place bigint
)
language sql stable begin atomic
  select
    v.parameter, v.setting, v.from_day, v.division_prefix, v.programme,
    row_number() over (
      order by
        v.stated, length(v.division_prefix), v.programme is not null, v.from_day, v.stated_at, v.event_id
    ) as place
  from (
    select
      d.parameter, d.setting, d.from_day, '' as division_prefix, null::text as programme, false as stated,
      null::timestamptz as stated_at, null::uuid as event_id
    from view_default() as d
    union all
    select
      p.parameter, (p.value #>> '{}')::numeric as setting, p."from" as from_day,
      coalesce(p.division_prefix, '') as division_prefix, p.programme, true as stated, f.time as stated_at,
      p.event_id
    from policy as p
    join live(null, view_value.as_of) as f on f.event_id = p.event_id and same(f.digest, p.digest)
    where jsonb_typeof(p.value) in ('number', 'string') and p.value #>> '{}' ~ '^[0-9]{1,12}([.][0-9]+)?$'
  ) as v;
end;

-- What is in force on a day for everybody.
create function view_value_on(day date, as_of date) returns table (parameter text, setting numeric)
language sql stable begin atomic
  select distinct on (v.parameter) v.parameter, v.setting
  from view_value(view_value_on.as_of) as v
  where v.from_day <= view_value_on.day and v.division_prefix = '' and v.programme is null
  order by v.parameter asc, v.place desc;
end;

-- A share in per cent with one decimal; NULL of nothing.
create function share(part bigint, whole bigint) returns numeric
language sql immutable return round(100.0 * part / nullif(whole, 0), 1);
