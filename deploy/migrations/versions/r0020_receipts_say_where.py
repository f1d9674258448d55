"""A receipt says where on the log the facts of its delivery stand."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Let receipts have the last position of each partition; of those that there are nobody knows it."""
    op.execute("ALTER TABLE intake.receipt ADD COLUMN min_position text NOT NULL DEFAULT ''")
