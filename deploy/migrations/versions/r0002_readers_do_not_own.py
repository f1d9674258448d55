"""Readers do not own: a role without login that may read, and has no right in the vault.

Row-level security binds roles that do not own a table; reading as this role from the start makes it a
policy later, and not a rewrite.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the role, unless another database of this server has made it, and let it read."""
    op.execute(_ROLE)
    op.execute(_RIGHTS)


_ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dibao_reader') THEN
    CREATE ROLE dibao_reader NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of this server made it at the same moment
END
$$;
"""

_RIGHTS = """
GRANT USAGE ON SCHEMA intake, platform TO dibao_reader;
GRANT SELECT ON intake.receipt, intake.reject, intake.conflict TO dibao_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA platform TO dibao_reader;
"""
