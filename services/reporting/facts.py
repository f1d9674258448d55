"""One fact: its versions, what voids it, and the anomalies that rest on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.platform.database import Connection
from services.reporting.anomalies import facts_of
from services.reporting.catalogue import read_catalogue
from services.reporting.paging import Row
from services.reporting.reach import check_within, own_area
from services.reporting.reading import reading, require_closed


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact. ``versions``: one, or each content that came under its id; ``voids``: what undoes it.

    ``anomalies``: those that stand, or stood, on it in their latest revision.
    """

    versions: Sequence[Row]
    voids: Sequence[Row]
    anomalies: Sequence[Row]


async def fact(pool: asyncpg.Pool, event_id: UUID, as_of: date | None = None) -> Stated | None:
    """Return what is known of a fact, or None where none of that id was read by the close of ``as_of``."""

    async def ask(connection: Connection) -> Stated | None:
        await require_closed(connection, as_of)
        versions = await facts_of(connection, [event_id], as_of)
        if not versions:
            return None
        if own_area() is not None:
            check_within(await connection.fetchval(_VILLAGE, event_id, as_of))
        voids = await connection.fetch(
            "SELECT event_id FROM void_in_force($2) WHERE target = $1", event_id, as_of
        )
        undoing = await facts_of(connection, [row["event_id"] for row in voids], as_of)
        words = await read_catalogue(connection, as_of)
        found = await connection.fetch(_RESTING, event_id, as_of)
        return Stated(versions, undoing, [words.said(row) for row in found])

    return await reading(pool, ask)


# The village that a version states, or else that of its household.
_VILLAGE = """
SELECT coalesce(f.village, h.village) FROM fact AS f
LEFT JOIN household_village(NULL, $2) AS h ON h.household_no = f.household_no
WHERE f.event_id = $1 ORDER BY 1 NULLS LAST LIMIT 1
"""
_RESTING = """
SELECT * FROM anomaly_state($2) WHERE anomaly_id IN (
    SELECT anomaly_id FROM anomaly_event WHERE evidence @> ARRAY[$1::uuid]
) AND evidence @> ARRAY[$1::uuid]
ORDER BY rule, anomaly_id
"""
