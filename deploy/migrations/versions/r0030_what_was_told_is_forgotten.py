"""What was told long ago is deleted: of a day that is settled its balance stays."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Make the tables of settled days, and let alerting delete what they stand for."""
    op.execute(
        """
        CREATE TABLE alerting.settled_day (
          settled_on date PRIMARY KEY,
          settled_at timestamptz NOT NULL DEFAULT now(),
          emptied boolean NOT NULL DEFAULT false
        );
        COMMENT ON COLUMN alerting.settled_day.emptied IS 'who was told of its announcements is deleted';
        CREATE TABLE alerting.settled_balance (
          settled_on date NOT NULL REFERENCES alerting.settled_day,
          subscription bigint NOT NULL REFERENCES alerting.subscription,
          findings bigint NOT NULL,
          in_notices bigint NOT NULL,
          in_digests bigint NOT NULL,
          notices bigint NOT NULL,
          digests bigint NOT NULL,
          CHECK (findings = in_notices + in_digests),
          PRIMARY KEY (settled_on, subscription)
        );
        CREATE INDEX item_event ON alerting.item (event_id);
        GRANT SELECT, INSERT ON alerting.settled_day, alerting.settled_balance TO dibao_alerting;
        GRANT UPDATE (emptied) ON alerting.settled_day TO dibao_alerting;
        GRANT SELECT ON alerting.settled_day, alerting.settled_balance TO dibao_operator;
        GRANT DELETE ON alerting.announcement, alerting.item, alerting.attempt, alerting.notice
          TO dibao_alerting;
        """
    )
