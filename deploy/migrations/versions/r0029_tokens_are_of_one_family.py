"""With which algorithms a deployment's tokens are made: chosen once, for they stand on the log for ever."""

from alembic import op

revision = "0029"
down_revision = "0025"


def upgrade() -> None:
    """Make the column; tokens that there are were made with the international ones."""
    op.execute(
        """
        ALTER TABLE vault.key_check ADD COLUMN tokens text NOT NULL DEFAULT 'international'
          CHECK (tokens IN ('international', 'national'));
        """
    )
