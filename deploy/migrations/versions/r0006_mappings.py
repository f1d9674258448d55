"""Mappings: how a file that an office has anyway fills a form."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Keep every version of each mapping; the newest counts, unless it was removed."""
    op.execute(_MAPPINGS)


_MAPPINGS = """
CREATE TABLE intake.mapping (
  source text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  version int NOT NULL,
  type text NOT NULL,
  columns jsonb NOT NULL,
  constants jsonb NOT NULL,
  from_name jsonb NOT NULL,
  composed jsonb NOT NULL,
  saved_by text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  removed_by text,
  removed_at timestamptz,
  PRIMARY KEY (source, context, name, version)
);
"""
