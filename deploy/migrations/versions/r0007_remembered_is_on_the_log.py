"""What is remembered of the log names that very log: topics by their ids, and places by their events."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add what is needed to notice a log that was made anew, or lost its end.

    Of facts remembered before, nobody says which log they stand on: each is looked up there when it comes
    again. Positions are taken for good once, as they are.
    """
    op.execute(_INTAKE)
    op.execute(_PLATFORM)


_INTAKE = """
CREATE TABLE intake.topic (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  kafka_id uuid NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (name, kafka_id)
);
CREATE TABLE intake.last (
  topic int NOT NULL REFERENCES intake.topic,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);
CREATE TABLE intake.loss (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  noticed_at timestamptz NOT NULL DEFAULT now(),
  topic text NOT NULL,
  partition int NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  facts bigint NOT NULL
);
CREATE TABLE intake.whereabouts (
  subject text PRIMARY KEY,
  division text NOT NULL
);
CREATE TABLE intake.whereabouts_read (topic text PRIMARY KEY);
-- Keys that are out there already may go on.
ALTER TABLE intake.source ADD COLUMN new_households boolean NOT NULL DEFAULT true;
ALTER TABLE intake.source ALTER COLUMN new_households SET DEFAULT false;
ALTER TABLE intake.seen ADD COLUMN topic int;
ALTER TABLE intake.voided ADD COLUMN void_id uuid;
GRANT SELECT ON intake.topic, intake.last, intake.loss TO dibao_reader;
"""

_PLATFORM = """
CREATE TABLE IF NOT EXISTS platform.quarantine (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  sha256 text NOT NULL,
  error text NOT NULL,
  reason text NOT NULL,
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT now(),
  confirmed_by text CHECK (confirmed_by <> proposed_by),
  confirmed_at timestamptz,
  PRIMARY KEY (topic, partition, "offset")
);
GRANT SELECT ON platform.quarantine TO dibao_reader;
ALTER TABLE platform.offset
  ADD COLUMN IF NOT EXISTS topic_id uuid,
  ADD COLUMN IF NOT EXISTS last_offset bigint,
  ADD COLUMN IF NOT EXISTS last_event uuid;
"""
