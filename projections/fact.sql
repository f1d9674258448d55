-- Which versions of which facts count.
--
-- until: business date up to and including; as_of: recorded below the cut of that closed day; NULL: no cut.
-- A fact counts where exactly one version of it is left that nothing voids. Voids apply whatever their own
-- business date; as_of cuts them like every record. Voids cannot be voided.
--
-- Few facts are named by a void or have several contents; of the others it is asked no more than that, by
-- index, so that a page of rows is found row by row.

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

-- The cut of a closed day as one value, {topic/partition: next offset}; NULL of no day. To be asked for once
-- a question, (select cut_of(day)), and not joined: the planner would misjudge how many records lie below.
create function cut_of(day date) returns jsonb
language sql stable begin atomic
  select
    case
      when cut_of.day is not null
        then coalesce(jsonb_object_agg(c.topic || '/' || c.partition, c.next_offset), '{}')
    end
  from day_cut(cut_of.day) as c;
end;

create function below(topic text, partition int, "offset" bigint, cut jsonb) returns boolean
language sql immutable parallel safe
return cut is null or "offset" < (cut ->> (topic || '/' || partition::text))::bigint;

-- No later than this is the business date of any fact of a context (NULL: of all) that was recorded by a
-- closed day: where rows are looked for in order of days, it is where to stop.
create function latest_of(context text, as_of date) returns date
language sql stable begin atomic
  select max(k.latest)
  from kept_latest as k
  where
    coalesce(k.context = latest_of.context, true)
    and k.stretch
    <= ((select cut_of(latest_of.as_of)) ->> (k.topic || '/' || k.partition::text))::bigint / 4096;
end;

create function recorded(as_of date) returns setof fact
language sql stable begin atomic
  select f.*
  from fact as f
  where
    recorded.as_of is null
    or f."offset" < ((select cut_of(recorded.as_of)) ->> (f.topic || '/' || f.partition::text))::bigint;
end;

-- A void whose own id came with two contents is set aside like every fact.
create function void_in_force(as_of date)
returns table (target uuid, target_digest text, event_id uuid)
language sql stable begin atomic
  select v.target, v.target_digest, v.event_id
  from void as v
  join recorded(void_in_force.as_of) as f on f.event_id = v.event_id and same(f.digest, v.digest)
  where not exists (
    select from recorded(void_in_force.as_of) as other
    where other.event_id = v.event_id and other.digest <> v.digest
  );
end;

-- The same of one version, below a cut that is at hand.
create function voided_by(event_id uuid, digest text, cut jsonb) returns table (void_id uuid)
language sql stable begin atomic
  select v.event_id
  from void as v
  join fact as f on f.event_id = v.event_id and f.digest = v.digest
  where
    v.target = voided_by.event_id and (v.target_digest is null or v.target_digest = voided_by.digest)
    and below(f.topic, f.partition, f."offset", voided_by.cut)
    and not exists (
      select from fact as other
      where
        other.event_id = v.event_id and other.digest <> v.digest
        and below(other.topic, other.partition, other."offset", voided_by.cut)
    );
end;

-- Why a version that is recorded does not count: voided, or set_aside because the id has another content as
-- well; NULL: it counts.
create function reason_against(event_id uuid, digest text, cut jsonb) returns text
language plpgsql stable set search_path from current
set plan_cache_mode to force_generic_plan as $$
#variable_conflict use_column
begin
  return case
    when exists (
      select from voided_by(reason_against.event_id, reason_against.digest, reason_against.cut)
    ) then 'voided'
    when exists (
      select from fact as f
      where
        f.event_id = reason_against.event_id and f.digest <> reason_against.digest and not f.is_void
        and below(f.topic, f.partition, f."offset", reason_against.cut)
        and not exists (select from voided_by(f.event_id, f.digest, reason_against.cut))
    ) then 'set_aside'
  end;
end $$;

create function live(until date, as_of date) returns setof fact
language sql stable begin atomic
  select f.*
  from fact as f
  where
    not f.is_void and (live.until is null or f.business_date <= live.until)
    and (
      live.as_of is null
      or f."offset" < ((select cut_of(live.as_of)) ->> (f.topic || '/' || f.partition::text))::bigint
    )
    and (
      not exists (
        select from void as v
        where v.target = f.event_id
      )
      and not exists (
        select from contested as x
        where x.event_id = f.event_id
      )
      or reason_against(f.event_id, f.digest, (select cut_of(live.as_of))) is null
    );
end;

-- The same below a cut that is at hand.
create function live_below(until date, cut jsonb) returns setof fact
language sql stable begin atomic
  select f.*
  from fact as f
  where
    not f.is_void and (live_below.until is null or f.business_date <= live_below.until)
    and below(f.topic, f.partition, f."offset", live_below.cut)
    and (
      not exists (
        select from void as v
        where v.target = f.event_id
      )
      and not exists (
        select from contested as x
        where x.event_id = f.event_id
      )
      or reason_against(f.event_id, f.digest, live_below.cut) is null
    );
end;
