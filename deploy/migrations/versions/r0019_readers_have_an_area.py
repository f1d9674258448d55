"""A reader's key may be bound to an area."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Let holders have an area; those that there are read everything, as before."""
    op.execute("ALTER TABLE access.holder ADD COLUMN area text")
