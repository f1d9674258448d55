-- Which versions of which facts count.
--
-- until: business date up to and including; as_of: recorded below the cut of that closed day; NULL: no cut.
-- A fact counts where exactly one version of it is left that nothing voids. Voids apply whatever their own
-- business date; as_of cuts them like every record. Voids cannot be voided.

-- Equality of digests, in a form of which the planner does not think that it selects: an id has one digest
-- nearly always, so event_id = ... AND digest = ... multiplies two certainties as if they were chances,
-- expects one row of a hundred thousand, and loops.
create function same(one text, other text) returns boolean
language sql immutable parallel safe return case when one = other then true else false end; -- noqa: ST02

create function day_cut(day date) returns table (topic text, partition int, next_offset bigint)
language sql stable begin atomic
  select c.topic, c.partition, c.next_offset
  from cut as c
  where c.event_id = (
    select k.event_id from cut as k
    where
      k.day = day_cut.day
      and not exists (
        select from contested as x
        where x.event_id = k.event_id
      )
    order by k.event_id
    limit 1
  );
end;

create function recorded(as_of date) returns setof fact
language sql stable begin atomic
  select f.*
  from fact as f
  -- The cut as one value, asked for once, and not as a join, whose size the planner misjudges.
  where recorded.as_of is null or f."offset" < (
    (select jsonb_object_agg(c.topic || '/' || c.partition, c.next_offset) from day_cut(recorded.as_of) as c)
    ->> (f.topic || '/' || f.partition)
  )::bigint;
end;

-- A void whose own id came with two contents is set aside like every fact.
create function void_in_force(as_of date)
returns table (target uuid, target_digest text, event_id uuid)
language sql stable begin atomic
  select v.target, v.target_digest, v.event_id
  from void as v
  join recorded(void_in_force.as_of) as f on f.event_id = v.event_id and same(f.digest, v.digest)
  where not exists (
    select from contested as x
    join recorded(void_in_force.as_of) as other on other.event_id = x.event_id
    where x.event_id = v.event_id and other.digest <> v.digest
  );
end;

create function unvoided(as_of date) returns setof fact
language sql stable begin atomic
  select f.*
  from recorded(unvoided.as_of) as f
  where not f.is_void and not exists (
    select from void_in_force(unvoided.as_of) as v
    where v.target = f.event_id and (v.target_digest is null or v.target_digest = f.digest)
  );
end;

create function live(until date, as_of date) returns setof fact
language sql stable begin atomic
  select f.*
  from unvoided(live.as_of) as f
  where
    (live.until is null or f.business_date <= live.until)
    and not exists (
      select from contested as x
      join unvoided(live.as_of) as other on other.event_id = x.event_id
      where x.event_id = f.event_id and other.digest <> f.digest
    );
end;

-- Versions that do not count, and why: voided, or set_aside because the id has another content as well.
create function discounted(as_of date) returns table (event_id uuid, digest text, reason text)
language sql stable begin atomic
  select f.event_id, f.digest, 'voided' as reason
  from recorded(discounted.as_of) as f
  where
    not f.is_void and exists (
      select from void_in_force(discounted.as_of) as v
      where v.target = f.event_id and (v.target_digest is null or v.target_digest = f.digest)
    )
  union all
  select f.event_id, f.digest, 'set_aside' as reason
  from contested as x
  join unvoided(discounted.as_of) as f on f.event_id = x.event_id
  where exists (
    select from unvoided(discounted.as_of) as other
    where other.event_id = f.event_id and other.digest <> f.digest
  );
end;
