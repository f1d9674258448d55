"""From where on the log's records must be signed, and which of them none of dibao's processes wrote."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make both tables. Readers only add to what they refused; who makes topics says what must be signed."""
    op.execute(_TABLES)
    op.execute(_RIGHTS)


_TABLES = """
CREATE TABLE IF NOT EXISTS platform.signed (
  topic text NOT NULL,
  topic_id uuid NOT NULL,
  partition int NOT NULL,
  from_offset bigint NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, topic_id, partition)
);
CREATE TABLE IF NOT EXISTS platform.forged (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  written_at timestamptz NOT NULL,
  type text,
  error text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, "offset", written_at)
);
"""

_RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON platform.signed FROM dibao_detection, dibao_projector;
REVOKE UPDATE, DELETE ON platform.forged FROM dibao_detection, dibao_projector;
GRANT SELECT ON platform.signed, platform.forged
  TO dibao_reader, dibao_intake, dibao_calendar, dibao_detection, dibao_projector, dibao_operator;
GRANT INSERT ON platform.signed TO dibao_operator;
GRANT INSERT ON platform.forged
  TO dibao_intake, dibao_calendar, dibao_detection, dibao_projector, dibao_reporting, dibao_operator;
"""
