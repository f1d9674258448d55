"""Two people erase, what they erased is known again after a backup, and the vault says whose key it needs."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the table of erasures, without which no salt is destroyed on request; give what readers need."""
    op.execute(_TABLE)
    op.execute(_FUNCTIONS)
    op.execute(_RIGHTS)


_TABLE = """
CREATE TABLE vault.erasure (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subjects text[] NOT NULL CHECK (cardinality(subjects) > 0),
  why text NOT NULL CHECK (btrim(why) <> ''),
  proposed_by text NOT NULL CHECK (btrim(proposed_by) <> ''),
  proposed_at timestamptz NOT NULL DEFAULT now(),
  confirmed_by text CHECK (confirmed_by <> proposed_by),
  confirmed_at timestamptz,
  erased_at timestamptz
);
COMMENT ON TABLE vault.erasure IS 'whose values two people agreed to erase; rows are only added to';
"""

# In place of the salt its hash: a backup's salt is known again by it, and nothing is opened with it.
_FUNCTIONS = """
CREATE FUNCTION vault.fingerprint_of(asked bigint) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(s.salt) FROM vault.salt s WHERE s.subject = vault.kept_request(asked, 'erase')
$$;

CREATE OR REPLACE FUNCTION vault.erase(asked bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose text := vault.kept_request(asked, 'erase');
BEGIN
  IF NOT EXISTS (
    SELECT FROM vault.erasure e WHERE e.confirmed_by IS NOT NULL AND whose = ANY (e.subjects)
      AND e.confirmed_at > now() - interval '1 day') THEN
    RAISE EXCEPTION 'two people have not agreed to erase it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM vault.salt s WHERE s.subject = whose;
  RETURN FOUND;
END
$$;

-- Of one day there may be several seals: dead-letters:2021-06-28, dead-letters:2021-06-28.2.
CREATE OR REPLACE FUNCTION vault.forget_letters() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM vault.salt s
    WHERE starts_with(s.subject, 'dead-letters:')
      AND substr(s.subject, 14, 10)::date < (now() AT TIME ZONE 'Asia/Shanghai')::date - 56
    RETURNING true)
  SELECT count(*) FROM gone
$$;

CREATE FUNCTION vault.renew_letters(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first text := 'dead-letters:' || day;
  number int;
  name text;
BEGIN
  LOCK TABLE vault.salt IN SHARE ROW EXCLUSIVE MODE;
  SELECT coalesce(max(CASE WHEN s.subject = first THEN 1 ELSE substr(s.subject, 25)::int END), 0) + 1
    INTO number FROM vault.salt s
    WHERE s.subject = first
      OR s.subject = ANY (ARRAY(SELECT first || '.' || n FROM generate_series(2, 99) n));
  name := first || CASE WHEN number > 1 THEN '.' || number ELSE '' END;
  -- From two version-4 UUIDs, the only random bytes that every PostgreSQL has.
  INSERT INTO vault.salt VALUES (
    name, substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16));
  RETURN name;
END
$$;
REVOKE ALL ON FUNCTION vault.fingerprint_of(bigint), vault.renew_letters(date) FROM PUBLIC;
"""

_RIGHTS = """
GRANT EXECUTE ON FUNCTION vault.fingerprint_of(bigint), vault.renew_letters(date) TO dibao_operator;
GRANT SELECT ON vault.erasure TO dibao_operator;
GRANT INSERT (subjects, why, proposed_by) ON vault.erasure TO dibao_operator;
GRANT UPDATE (confirmed_by, confirmed_at, erased_at) ON vault.erasure TO dibao_operator;
GRANT SELECT ON vault.key_check TO dibao_operator;
GRANT SELECT (event_id, digest, topic, partition, "offset") ON intake.seen TO dibao_reader;
"""
