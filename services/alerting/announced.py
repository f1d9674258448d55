"""What was announced, as alerting keeps it."""

from datetime import datetime

from services.alerting.announcement import FIELDS, Announcement
from services.platform.database import Asked


async def announced_since(connection: Asked, since: datetime) -> list[tuple[datetime, Announcement]]:
    """Return what was announced since a moment, in order, with when it was decided."""
    rows = await connection.fetch(
        f"SELECT decided_at, {', '.join(FIELDS)} FROM alerting.announcement"
        " WHERE decided_at >= $1 AND place IS NOT NULL ORDER BY place",
        since,
    )
    return [(row["decided_at"], Announcement(**{name: row[name] for name in FIELDS})) for row in rows]
