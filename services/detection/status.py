"""How far detection is: what `dibao status` and `dibao wait` ask."""

from typing import Any

from services.detection import generation
from services.detection.generation import schema_of


async def detection_status(pool: Any) -> dict[str, Any]:
    """Return generation, depths of marks and outbox, sweeps' progress, and the latest applied day.

    ``outbox_seconds``: how long the oldest announcement has waited to be published.

    ``dirty`` includes subjects that are due and not marked yet; ``days_waiting`` are closed days whose cut
    the ingest has not passed; ``set_aside`` are events with several contents; ``idle``: nothing is left to do
    of what was ingested; ``rebuild_due``: this version's facts and rules are not those that filled the
    generation, and detection waits for a rebuild. Before the first start the generation is None.
    """
    async with pool.acquire() as connection:
        number = await generation.begun(connection)
        if number is None:
            return {"generation": None, "dirty": 0, "outbox": 0, "sweeps": [], "idle": True}
        s = schema_of(number)
        if not await generation.filled_by_this_code(connection, number):
            return {"generation": number, "dirty": 0, "outbox": 0, "sweeps": [], "idle": False} | {
                "rebuild_due": True
            }
        row = await connection.fetchrow(
            f"""
            select (select count(*) from {s}.dirty)
                 + (select count(*) from {s}.wake where due <= (select max(day) from {s}.day)) as dirty,
                (select count(*) from {s}.outbox) as outbox,
                (select extract(epoch from now() - min(created_at))::int from {s}.outbox) as outbox_seconds,
                (select max(day) from {s}.day) as applied_day,
                (select count(*) from {s}.fact f where subject = 'calendar:day' and live
                    and not exists (select from {s}.day d where d.day = f.month::date)) as days_waiting,
                (select count(*) from {s}.event where cardinality(digests) > 1) as set_aside,
                (select count(*) from {s}.finding where state = 'open') as open
            """
        )
        sweeps = await connection.fetch(
            f"select cause, kind, cursor, marked from {s}.sweep where not done order by id"
        )
    return {
        "generation": number,
        "dirty": row["dirty"],
        "outbox": row["outbox"],
        "outbox_seconds": row["outbox_seconds"] or 0,
        "sweeps": [
            {
                "cause": sweep["cause"],
                "kind": sweep["kind"],
                "at": sweep["cursor"],
                "marked": sweep["marked"],
            }
            for sweep in sweeps
        ],
        "applied_day": None if row["applied_day"] is None else row["applied_day"].isoformat(),
        "days_waiting": row["days_waiting"],
        "set_aside": row["set_aside"],
        "open": row["open"],
        "idle": row["dirty"] == 0 and row["outbox"] == 0 and not sweeps,
    }
