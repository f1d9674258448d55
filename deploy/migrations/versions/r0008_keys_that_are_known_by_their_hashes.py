"""Keys that are known by their hashes: readers', the operator's, and the key before a renewed one."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the holders of keys, and room for a source's former key."""
    op.execute(_HOLDERS)
    op.execute(_SOURCES)


_HOLDERS = """
CREATE SCHEMA access;
CREATE TABLE access.holder (
  name text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('operator', 'reader')),
  may_open boolean NOT NULL DEFAULT false,
  key_hash bytea NOT NULL UNIQUE,
  former_hash bytea UNIQUE,
  former_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);
"""

_SOURCES = """
ALTER TABLE intake.source
  ADD COLUMN former_hash bytea UNIQUE,
  ADD COLUMN former_until timestamptz;
"""
