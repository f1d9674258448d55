"""Partitions are added: to how many of them the keys of a topic are dealt, one number for all who write."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the table, which is empty until somebody adds partitions."""
    op.execute(_TABLE)
    op.execute(_RIGHTS)


_TABLE = """
CREATE TABLE IF NOT EXISTS platform.partitions (
  topic text PRIMARY KEY,
  partitions int NOT NULL CONSTRAINT keys_go_somewhere CHECK (partitions > 0),
  moving_until timestamptz
);
"""

_RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON platform.partitions FROM dibao_detection, dibao_projector;
GRANT SELECT ON platform.partitions TO dibao_reader, dibao_intake, dibao_operator;
GRANT INSERT, UPDATE ON platform.partitions TO dibao_operator;
"""
