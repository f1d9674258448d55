"""Annex 2 of a quarter is kept as it was reported: cells, the facts behind them, and what was on the log."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables, to which the operator adds; nobody changes what is in them."""
    op.execute(_TABLES)
    op.execute(_RIGHTS)


# A restatement has the next number, so of two who freeze at once one is refused by the key.
_TABLES = """
CREATE TABLE platform.quarter (
  quarter text NOT NULL CHECK (quarter ~ '^[0-9]{4}Q[1-4]$'),
  programme text NOT NULL,
  number int NOT NULL CHECK (number > 0),
  until date NOT NULL,
  as_of date NOT NULL CHECK (as_of >= until),
  prepared_by text NOT NULL CHECK (btrim(prepared_by) <> ''),
  checked_by text NOT NULL CHECK (btrim(checked_by) <> '' AND checked_by <> prepared_by),
  because text CHECK ((number > 1) = (btrim(coalesce(because, '')) <> '')),
  frozen_at timestamptz NOT NULL,
  cells jsonb NOT NULL,
  areas jsonb NOT NULL,
  positions jsonb NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (quarter, programme, number)
);
CREATE TABLE platform.quarter_item (
  quarter text NOT NULL,
  programme text NOT NULL,
  number int NOT NULL,
  cell text NOT NULL,
  place int NOT NULL,
  event_id uuid NOT NULL,
  item jsonb NOT NULL,
  PRIMARY KEY (quarter, programme, number, cell, place),
  FOREIGN KEY (quarter, programme, number) REFERENCES platform.quarter
);

CREATE FUNCTION platform.refuse_change_of_quarter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was reported of a quarter is kept as it is';
END
$$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.quarter
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change_of_quarter();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.quarter_item
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change_of_quarter();
"""

_RIGHTS = """
REVOKE ALL ON platform.quarter, platform.quarter_item
  FROM dibao_intake, dibao_calendar, dibao_detection, dibao_projector;
GRANT SELECT ON platform.quarter, platform.quarter_item TO dibao_reader, dibao_operator;
GRANT INSERT ON platform.quarter, platform.quarter_item TO dibao_operator;
"""
