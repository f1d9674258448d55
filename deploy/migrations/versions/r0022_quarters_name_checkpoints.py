"""A quarter that is kept names the journal's checkpoints, which cover the log that it counted."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the checkpoints; what was frozen before names none."""
    op.execute("ALTER TABLE platform.quarter ADD checkpoints jsonb NOT NULL DEFAULT '{}'")
