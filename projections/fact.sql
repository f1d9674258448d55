-- Which versions of which facts count.
--
-- until: business date up to and including; as_of: recorded below the cut of that closed day; NULL: no cut.
-- A fact counts where exactly one version of it is left that nothing voids. Voids apply whatever their own
-- business date; as_of cuts them like every record. Voids cannot be voided.

-- Equality of digests, in a form of which the planner does not think that it selects: an id has one digest
-- nearly always, so event_id = ... AND digest = ... multiplies two certainties as if they were chances,
-- expects one row of a hundred thousand, and loops.
CREATE FUNCTION same(one text, other text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE WHEN one = other THEN true ELSE false END;

CREATE FUNCTION day_cut(day date) RETURNS TABLE (topic text, partition int, next_offset bigint)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT c.topic, c.partition, c.next_offset
  FROM cut c
  WHERE c.event_id = (
    SELECT k.event_id FROM cut k
    WHERE k.day = day_cut.day
      AND NOT EXISTS (SELECT FROM contested x WHERE x.event_id = k.event_id)
    ORDER BY k.event_id
    LIMIT 1
  );
END;

CREATE FUNCTION recorded(as_of date) RETURNS SETOF fact
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT f.*
  FROM fact f
  -- The cut as one value, asked for once, and not as a join, whose size the planner misjudges.
  WHERE recorded.as_of IS NULL OR f."offset" < (
    (SELECT jsonb_object_agg(c.topic || '/' || c.partition, c.next_offset) FROM day_cut(recorded.as_of) c)
    ->> (f.topic || '/' || f.partition)
  )::bigint;
END;

-- A void whose own id came with two contents is set aside like every fact.
CREATE FUNCTION void_in_force(as_of date)
RETURNS TABLE (target uuid, target_digest text, event_id uuid)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT v.target, v.target_digest, v.event_id
  FROM void v
  JOIN recorded(void_in_force.as_of) f ON f.event_id = v.event_id AND same(f.digest, v.digest)
  WHERE NOT EXISTS (
    SELECT FROM contested x
    JOIN recorded(void_in_force.as_of) other ON other.event_id = x.event_id
    WHERE x.event_id = v.event_id AND other.digest <> v.digest
  );
END;

CREATE FUNCTION unvoided(as_of date) RETURNS SETOF fact
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT f.*
  FROM recorded(unvoided.as_of) f
  WHERE NOT f.is_void AND NOT EXISTS (
    SELECT FROM void_in_force(unvoided.as_of) v
    WHERE v.target = f.event_id AND (v.target_digest IS NULL OR v.target_digest = f.digest)
  );
END;

CREATE FUNCTION live(until date, as_of date) RETURNS SETOF fact
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT f.*
  FROM unvoided(live.as_of) f
  WHERE (live.until IS NULL OR f.business_date <= live.until)
    AND NOT EXISTS (
      SELECT FROM contested x
      JOIN unvoided(live.as_of) other ON other.event_id = x.event_id
      WHERE x.event_id = f.event_id AND other.digest <> f.digest
    );
END;

-- Versions that do not count, and why: voided, or set_aside because the id has another content as well.
CREATE FUNCTION discounted(as_of date) RETURNS TABLE (event_id uuid, digest text, reason text)
LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT f.event_id, f.digest, 'voided'
  FROM recorded(discounted.as_of) f
  WHERE NOT f.is_void AND EXISTS (
    SELECT FROM void_in_force(discounted.as_of) v
    WHERE v.target = f.event_id AND (v.target_digest IS NULL OR v.target_digest = f.digest)
  )
  UNION ALL
  SELECT f.event_id, f.digest, 'set_aside'
  FROM contested x
  JOIN unvoided(discounted.as_of) f ON f.event_id = x.event_id
  WHERE EXISTS (
    SELECT FROM unvoided(discounted.as_of) other
    WHERE other.event_id = f.event_id AND other.digest <> f.digest
  );
END;
