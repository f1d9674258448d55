"""Each service has a role of its own, none owns what it need not; what is sealed is opened on record only."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Keep openings; make the roles, unless another database of this server has made them; give rights."""
    op.execute(_OPENINGS)
    op.execute(_ROLES)
    op.execute(_OWNERS)
    op.execute(_RIGHTS)
    op.execute(_FROM_NOW_ON)


# A chain: each row's hash is of the one before and its own fields, so none is changed or taken out unseen.
# Two steps, each a transaction of its own: first the request is kept, then the salt is given. Whoever took
# both in one could take the request back.
_OPENINGS = """
CREATE TABLE vault.opening (
  number bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  act text NOT NULL CHECK (act IN ('open', 'erase')),
  subject text NOT NULL CHECK (subject <> ''),
  what text NOT NULL,
  why text NOT NULL CHECK (btrim(why) <> ''),
  who text NOT NULL CHECK (btrim(who) <> ''),
  role text NOT NULL,
  kept_by xid8 NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL
);

CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'openings are kept as they are';
END
$$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.opening
  FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();

CREATE FUNCTION vault.link(previous bytea, VARIADIC fields text[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(previous || string_agg(sha256(convert_to(field, 'UTF8')), ''::bytea ORDER BY at))
  FROM unnest(fields) WITH ORDINALITY AS f (field, at)
$$;

CREATE FUNCTION vault.keep_opening(act text, subject text, what text, why text, who text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  last record;
  moment timestamptz := clock_timestamp();
BEGIN
  LOCK TABLE vault.opening IN EXCLUSIVE MODE;
  SELECT o.number, o.hash INTO last FROM vault.opening o ORDER BY o.number DESC LIMIT 1;
  last.number := coalesce(last.number, 0) + 1;
  last.hash := coalesce(last.hash, ''::bytea);
  INSERT INTO vault.opening VALUES (
    last.number, moment, act, subject, what, why, who, session_user, pg_current_xact_id(), last.hash,
    vault.link(
      last.hash, last.number::text, to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), act,
      subject, what, why, who, session_user::text));
  RETURN last.number;
END
$$;

CREATE FUNCTION vault.kept_request(asked bigint, wanted text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found text;
BEGIN
  SELECT o.subject INTO found FROM vault.opening o
  WHERE o.number = asked AND o.act = wanted AND o.role = session_user
    AND o.kept_by <> pg_current_xact_id() AND o.at > now() - interval '10 minutes';
  IF found IS NULL THEN
    RAISE EXCEPTION 'there is no such request of yours, or it is not kept yet, or too old'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN found;
END
$$;

CREATE FUNCTION vault.salt_of(asked bigint) RETURNS bytea
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.salt FROM vault.salt s WHERE s.subject = vault.kept_request(asked, 'open')
$$;

CREATE FUNCTION vault.erase(asked bigint) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM vault.salt s USING vault.kept_request(asked, 'erase') AS r (subject)
    WHERE s.subject = r.subject RETURNING true)
  SELECT count(*) > 0 FROM gone
$$;

CREATE FUNCTION vault.forget_letters() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM vault.salt s
    WHERE starts_with(s.subject, 'dead-letters:')
      AND substr(s.subject, 14)::date < (now() AT TIME ZONE 'Asia/Shanghai')::date - 56
    RETURNING true)
  SELECT count(*) FROM gone
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
"""

_ROLES = """
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'dibao_owner', 'dibao_migrator', 'dibao_keeper', 'dibao_intake', 'dibao_calendar', 'dibao_detection',
    'dibao_projector', 'dibao_reporting', 'dibao_operator']
  LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE 'CREATE ROLE ' || name || ' NOLOGIN';
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- another database of this server made it at the same moment
    END;
  END LOOP;
  -- Memberships are the server's as well: two databases may give them at the same moment.
  PERFORM pg_advisory_xact_lock(1684627565);
  GRANT dibao_owner TO dibao_migrator;
  GRANT dibao_keeper TO dibao_intake;
  GRANT dibao_reader TO dibao_reporting, dibao_operator;
  IF NOT pg_has_role('dibao_owner', 'SET') THEN
    GRANT dibao_owner, dibao_projector, dibao_detection TO CURRENT_USER;
  END IF;
END
$$;
"""

_OWNERS = """
DO $$
DECLARE
  schema record;
  change text;
BEGIN
  FOR schema IN
    SELECT oid, nspname, CASE split_part(nspname, '_g', 1) WHEN 'projection' THEN 'dibao_projector'
      WHEN 'detection' THEN 'dibao_detection' ELSE 'dibao_owner' END AS owner
    FROM pg_namespace
    WHERE nspname IN ('vault', 'intake', 'platform', 'access') OR nspname ~ '^(projection|detection)_g[0-9]+$'
  LOOP
    FOR change IN
      SELECT 'ALTER TABLE ' || c.oid::regclass || ' OWNER TO ' || schema.owner
      FROM pg_class c WHERE c.relnamespace = schema.oid AND c.relkind IN ('r', 'p', 'v', 'm')
      UNION ALL
      SELECT 'ALTER ROUTINE ' || p.oid::regprocedure || ' OWNER TO ' || schema.owner
      FROM pg_proc p WHERE p.pronamespace = schema.oid
    LOOP
      EXECUTE change;
    END LOOP;
    EXECUTE 'ALTER SCHEMA ' || schema.nspname || ' OWNER TO ' || schema.owner;
  END LOOP;
  ALTER TABLE public.alembic_version OWNER TO dibao_owner;
  EXECUTE 'GRANT CREATE ON DATABASE ' || quote_ident(current_database())
    || ' TO dibao_owner, dibao_projector, dibao_detection';
END
$$;
"""

_RIGHTS = """
GRANT USAGE ON SCHEMA intake TO dibao_intake, dibao_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA intake TO dibao_intake;
REVOKE INSERT, UPDATE, DELETE ON intake.source FROM dibao_intake;
GRANT SELECT ON ALL TABLES IN SCHEMA intake TO dibao_operator;
GRANT INSERT, UPDATE ON intake.source, intake.mapping, intake.redrive TO dibao_operator;

GRANT USAGE ON SCHEMA access TO dibao_intake, dibao_reporting, dibao_operator;
GRANT SELECT ON access.holder TO dibao_intake, dibao_reporting, dibao_operator;
GRANT INSERT, UPDATE ON access.holder TO dibao_operator;

GRANT USAGE ON SCHEMA vault TO dibao_keeper, dibao_reporting, dibao_operator;
GRANT SELECT, INSERT ON vault.salt, vault.key_check TO dibao_keeper;
GRANT EXECUTE ON FUNCTION vault.forget_letters() TO dibao_keeper;
GRANT SELECT ON vault.opening TO dibao_operator;
GRANT EXECUTE ON FUNCTION vault.keep_opening(text, text, text, text, text), vault.salt_of(bigint)
  TO dibao_reporting, dibao_operator;
GRANT EXECUTE ON FUNCTION vault.erase(bigint) TO dibao_operator;

GRANT USAGE ON SCHEMA platform
  TO dibao_intake, dibao_calendar, dibao_detection, dibao_projector, dibao_reporting, dibao_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA platform TO dibao_intake, dibao_calendar, dibao_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA platform TO dibao_detection, dibao_projector;
REVOKE INSERT, UPDATE, DELETE ON platform.quarantine FROM dibao_detection, dibao_projector;
GRANT INSERT, UPDATE ON platform.quarantine TO dibao_operator;
"""

# What later revisions and rebuilds make is given out in the same way.
_FROM_NOW_ON = """
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_owner IN SCHEMA intake
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO dibao_intake;
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_owner IN SCHEMA intake GRANT SELECT ON TABLES TO dibao_operator;
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_owner IN SCHEMA platform
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO dibao_detection, dibao_projector;
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_owner IN SCHEMA platform
  GRANT SELECT ON TABLES TO dibao_reader, dibao_intake, dibao_calendar, dibao_operator;
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_detection GRANT USAGE ON SCHEMAS TO dibao_operator;
ALTER DEFAULT PRIVILEGES FOR ROLE dibao_detection GRANT SELECT ON TABLES TO dibao_operator;
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^detection_g[0-9]+$'
  LOOP
    EXECUTE 'GRANT USAGE ON SCHEMA ' || name || ' TO dibao_operator';
    EXECUTE 'GRANT SELECT ON ALL TABLES IN SCHEMA ' || name || ' TO dibao_operator';
  END LOOP;
END
$$;
"""
