"""Detection publishes its rules: what each version is called and says, for whoever reads anomalies."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table. Nobody deletes from it, so that an old anomaly keeps the words of its version."""
    op.execute(_TABLE)
    op.execute(_RIGHTS)


_TABLE = """
CREATE TABLE IF NOT EXISTS platform.rule (
  name text NOT NULL,
  version int NOT NULL,
  subject text NOT NULL,
  title text NOT NULL,
  phrases jsonb NOT NULL,
  requirements text[] NOT NULL,
  key text[] NOT NULL,
  parameters jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version)
);
"""

_RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON platform.rule FROM dibao_projector;
REVOKE DELETE ON platform.rule FROM dibao_detection;
GRANT SELECT ON platform.rule TO dibao_reader;
GRANT SELECT, INSERT, UPDATE ON platform.rule TO dibao_detection;
"""
