"""An upstream asks what became of a record on an intake topic: those that were rejected are noted."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table. Of records of before only the dead letter speaks."""
    op.execute(_REFUSED)


_REFUSED = """
CREATE TABLE intake.refused_record (
  event_id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  letter bigint,
  errors jsonb NOT NULL
);
CREATE INDEX refused_record_at ON intake.refused_record (at);
GRANT SELECT ON intake.refused_record TO dibao_reader;
"""
