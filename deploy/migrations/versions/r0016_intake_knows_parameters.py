"""Intake reads what rules say that they ask of policy, to refuse what none of them reads."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Let intake read the published rules."""
    op.execute("GRANT SELECT ON platform.rule TO dibao_intake")
