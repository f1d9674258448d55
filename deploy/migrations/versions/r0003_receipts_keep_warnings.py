"""Receipts keep warnings: how many lines were accepted with one, and where the first of them stand."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the count, and a table beside that of what was refused. Receipts of before have none."""
    op.execute(_WARNINGS)


_WARNINGS = """
ALTER TABLE intake.receipt ADD COLUMN warned bigint NOT NULL DEFAULT 0;
CREATE TABLE intake.warning (
  receipt_id uuid NOT NULL REFERENCES intake.receipt ON DELETE CASCADE,
  position bigint NOT NULL,
  row bigint NOT NULL,
  "column" text NOT NULL,
  warning text NOT NULL,
  PRIMARY KEY (receipt_id, position)
);
GRANT SELECT ON intake.warning TO dibao_reader;
"""
