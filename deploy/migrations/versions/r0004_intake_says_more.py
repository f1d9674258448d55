"""Intake says more: what it knows of each fact, and all that it has to say about a delivery, by code."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Keep where acknowledged facts stand and which number they state; one table of remarks."""
    op.execute(_SEEN)
    op.execute(_REMARKS)


# Of facts of before it is not known where they stand.
_SEEN = """
ALTER TABLE intake.seen
  ADD COLUMN partition int,
  ADD COLUMN "offset" bigint,
  ADD COLUMN number uuid;
CREATE INDEX seen_number ON intake.seen (number) WHERE number IS NOT NULL;
CREATE TABLE intake.voided (event_id uuid PRIMARY KEY);
GRANT SELECT ON intake.voided TO dibao_reader;
"""

_REMARKS = """
ALTER TABLE intake.receipt ADD COLUMN voids bigint NOT NULL DEFAULT 0;
CREATE TABLE intake.remark (
  receipt_id uuid NOT NULL REFERENCES intake.receipt ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('reject', 'aside', 'warning')),
  position bigint NOT NULL,
  row bigint NOT NULL,
  "column" text NOT NULL,
  masked text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  expected text NOT NULL,
  PRIMARY KEY (receipt_id, kind, position)
);
GRANT SELECT ON intake.remark TO dibao_reader;
INSERT INTO intake.remark
SELECT receipt_id, 'reject', position, row, "column", masked, '', reason, reason FROM intake.reject;
INSERT INTO intake.remark
SELECT receipt_id, 'warning', position, row, "column", '', '', warning, warning FROM intake.warning;
DROP TABLE intake.reject, intake.warning;
"""
