"""Intake knows voids of single versions, and what was rejected over HTTP."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Keep every void by the version that it undoes, and refusals that have no record of a topic.

    Voids of one version that came before are taken over from the live projection, if there is one.
    """
    op.execute(_VOIDED)
    op.execute(_FORMER)
    op.execute(_REFUSED)


# digest: the version that is undone; empty where all are. A void of before whose own id was not noted has
# the nil id. A void in force has one version; as with every fact, one with several is set aside.
_VOIDED = """
ALTER TABLE intake.voided ADD COLUMN digest bytea NOT NULL DEFAULT '';
UPDATE intake.voided SET void_id = '00000000-0000-0000-0000-000000000000' WHERE void_id IS NULL;
ALTER TABLE intake.voided
  DROP CONSTRAINT voided_pkey,
  ADD PRIMARY KEY (event_id, digest, void_id);
CREATE INDEX voided_void_id ON intake.voided (void_id);
CREATE VIEW intake.undone AS
SELECT v.event_id, v.digest, v.void_id, o.topic
FROM intake.voided AS v
CROSS JOIN LATERAL (
  -- One void at a time: as a join it might be planned over all that was ever seen.
  SELECT s.topic FROM intake.seen AS s WHERE s.event_id = v.void_id GROUP BY s.topic HAVING count(*) = 1
) AS o
UNION ALL
SELECT event_id, digest, void_id, NULL
FROM intake.voided
WHERE void_id = '00000000-0000-0000-0000-000000000000';
GRANT SELECT ON intake.undone TO dibao_reader;
"""

# A projection is its pipeline's: it is read as whoever upgrades, where he may.
_FORMER = """
DO $$
DECLARE
  generation int;
  void text;
  owner text := current_user;
BEGIN
  SELECT live INTO generation FROM platform.generation WHERE name = 'projection';
  -- By their oids: a name is looked up with the rights of the owner, who has none there.
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) INTO void
  FROM pg_class AS c
  INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = 'projection_g' || generation AND c.relname = 'void'
    AND has_schema_privilege(session_user, n.oid, 'USAGE')
    AND has_table_privilege(session_user, c.oid, 'SELECT');
  IF void IS NULL THEN
    RETURN;
  END IF;
  RESET ROLE;
  EXECUTE 'CREATE TEMP TABLE former_void ON COMMIT DROP AS SELECT target, target_digest, event_id FROM '
    || void || ' WHERE target_digest IS NOT NULL';
  GRANT SELECT ON former_void TO PUBLIC;
  EXECUTE 'SET LOCAL ROLE ' || quote_ident(owner);
  INSERT INTO intake.voided (event_id, digest, void_id)
  SELECT target, decode(target_digest, 'hex'), event_id FROM former_void
  ON CONFLICT DO NOTHING;
END
$$;
"""

_REFUSED = """
ALTER TABLE intake.refused_record
  ALTER COLUMN topic DROP NOT NULL,
  ALTER COLUMN partition DROP NOT NULL,
  ALTER COLUMN "offset" DROP NOT NULL,
  ADD COLUMN receipt uuid;
"""
