"""Readers see what is held back, and that what was found was told; not where subscriptions lead."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Let readers read what the two questions need."""
    op.execute(
        """
        GRANT SELECT ON alerting.announcement, alerting.item, alerting.snooze, alerting.settled_day,
          alerting.settled_balance TO dibao_reader;
        GRANT SELECT (number, name, rules, severities, verbs, programmes, area, after_place, ended_at)
          ON alerting.subscription TO dibao_reader;
        """
    )
