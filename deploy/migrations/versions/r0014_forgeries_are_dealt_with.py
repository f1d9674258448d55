"""Somebody says of a forgery what was done about it, and it alarms no more; what was said stays."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the table, to which the operator adds; nobody changes what is in it."""
    op.execute(_TABLE)
    op.execute(_RIGHTS)


_TABLE = """
CREATE TABLE IF NOT EXISTS platform.dealt_with (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  written_at timestamptz NOT NULL,
  reason text NOT NULL CHECK (btrim(reason) <> ''),
  by text NOT NULL CHECK (btrim(by) <> ''),
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, "offset", written_at)
);
"""

_RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON platform.dealt_with FROM dibao_detection, dibao_projector;
GRANT SELECT ON platform.dealt_with
  TO dibao_reader, dibao_intake, dibao_calendar, dibao_detection, dibao_projector, dibao_operator;
GRANT INSERT ON platform.dealt_with TO dibao_operator;
"""
