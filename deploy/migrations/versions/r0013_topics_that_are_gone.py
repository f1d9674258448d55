"""Intake knows which topics Kafka has made anew since: what stood on the former ones is gone."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Note of no topic yet that it is gone: intake finds that out when it begins."""
    op.execute("ALTER TABLE intake.topic ADD COLUMN IF NOT EXISTS gone boolean NOT NULL DEFAULT false")
