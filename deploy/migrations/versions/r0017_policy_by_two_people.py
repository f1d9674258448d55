"""Policy is changed by two operators: what was proposed, tried, approved and withdrawn stays on record."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the tables, to which the operator adds; nobody changes what is in them."""
    op.execute(_TABLES)
    op.execute(_RIGHTS)


# Of two who decide at once, one takes the next step: its number is the key.
_TABLES = """
CREATE TABLE platform.proposal (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  data jsonb NOT NULL,
  tried jsonb NOT NULL,
  by text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE platform.proposal_step (
  proposal bigint NOT NULL REFERENCES platform.proposal,
  number int NOT NULL,
  step text NOT NULL CHECK (step IN ('approved', 'adopted', 'withdrawn', 'undoing', 'undone')),
  by text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  why text,
  receipt text,
  PRIMARY KEY (proposal, number)
);

CREATE FUNCTION platform.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what two people decided is kept as it is';
END
$$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.proposal
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.proposal_step
  FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
"""

_RIGHTS = """
REVOKE ALL ON platform.proposal, platform.proposal_step
  FROM dibao_reader, dibao_intake, dibao_calendar, dibao_detection, dibao_projector;
GRANT SELECT, INSERT ON platform.proposal, platform.proposal_step TO dibao_operator;
"""
