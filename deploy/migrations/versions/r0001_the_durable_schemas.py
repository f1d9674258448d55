"""The durable schemas: the vault, intake's memory, positions of the pipelines."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what must outlive every rebuild."""
    op.execute(_VAULT)
    op.execute(_INTAKE)
    op.execute(_PLATFORM)


# A row a subject: destroying it makes what was sealed under it unreadable. key_check tells whose vault it is.
_VAULT = """
CREATE SCHEMA IF NOT EXISTS vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;
CREATE TABLE vault.salt (
  subject text PRIMARY KEY,
  salt bytea NOT NULL CHECK (length(salt) = 16)
);
CREATE TABLE vault.key_check (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  proof bytea NOT NULL
);
"""

# No readable personal data in here: keys are hashed, rejected values masked, the rest are ids and counts.
_INTAKE = """
CREATE SCHEMA IF NOT EXISTS intake;
CREATE TABLE intake.source (
  name text PRIMARY KEY,
  key_hash bytea NOT NULL UNIQUE,
  contexts text[] NOT NULL,
  areas text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
CREATE TABLE intake.seen (
  event_id uuid NOT NULL,
  digest bytea NOT NULL,
  PRIMARY KEY (event_id, digest)
);
CREATE TABLE intake.conflict (
  event_id uuid PRIMARY KEY,
  type text NOT NULL,
  source text NOT NULL,
  serial text NOT NULL,
  digests text[] NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE intake.receipt (
  id uuid PRIMARY KEY,
  source text NOT NULL,
  context text NOT NULL,
  name text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  lines bigint NOT NULL DEFAULT 0,
  accepted bigint NOT NULL DEFAULT 0,
  repeated bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  set_aside bigint NOT NULL DEFAULT 0,
  control_total_fen numeric(30, 0) NOT NULL DEFAULT 0,
  file_total_fen numeric(30, 0) NOT NULL DEFAULT 0,
  facts bigint NOT NULL DEFAULT 0,
  status text NOT NULL CHECK (status IN ('open', 'complete', 'incomplete'))
);
CREATE INDEX receipt_received_at ON intake.receipt (received_at);
CREATE TABLE intake.reject (
  receipt_id uuid NOT NULL REFERENCES intake.receipt ON DELETE CASCADE,
  position bigint NOT NULL,
  row bigint NOT NULL,
  "column" text NOT NULL,
  masked text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (receipt_id, position)
);
CREATE TABLE intake.redrive (
  topic text NOT NULL,
  partition int NOT NULL,
  "offset" bigint NOT NULL,
  redriven_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, partition, "offset")
);
"""

_PLATFORM = """
CREATE SCHEMA IF NOT EXISTS platform;
CREATE TABLE IF NOT EXISTS platform.offset (
  pipeline text NOT NULL,
  version int NOT NULL,
  topic text NOT NULL,
  partition int NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (pipeline, version, topic, partition)
);
CREATE TABLE IF NOT EXISTS platform.cluster (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  kafka_id text NOT NULL
);
CREATE TABLE IF NOT EXISTS platform.generation (
  name text PRIMARY KEY,
  live int NOT NULL
);
"""
