"""Traces: which facts are followed, and which announcements and notices go on with one."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the table of facts that are followed, and columns for the contexts of those that rest on them."""
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS platform.followed (
          event_id uuid PRIMARY KEY,
          trace text NOT NULL,
          at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX IF NOT EXISTS followed_at ON platform.followed (at);
        REVOKE ALL ON platform.followed FROM dibao_projector;
        GRANT SELECT, INSERT, UPDATE, DELETE ON platform.followed TO dibao_detection;
        ALTER TABLE alerting.announcement ADD COLUMN trace text;
        ALTER TABLE alerting.notice ADD COLUMN trace text;
        """
    )
