"""The live stream of alerts: what alerting has made of announcements, notice by notice, in its order."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import asyncpg

from projections.notices import Said, part_of
from services.reporting.bell import Bell
from services.reporting.filters import WrongQuestionError, integer_of
from services.reporting.reach import own_area

_PAGE = 500
_FAR = 2**63

# Notices of the subscription that is the stream; whoever makes them is alone, so that places come in order.
_AFTER = """
SELECT place, id, kind, content, made_at FROM alerting.notice
WHERE subscription = 0 AND place > $1 ORDER BY place LIMIT $2
"""
_LAST = "SELECT coalesce(max(place), 0) FROM alerting.notice WHERE subscription = 0"


@dataclass(frozen=True, slots=True)
class Alert:
    """A notice or a digest, as far as it lies in the area that is kept to. ``place``: to go on after it."""

    place: int
    kind: str
    said: Said


async def follow_alerts(bell: Bell, after: str | None = None) -> AsyncGenerator[Alert]:
    """Yield notices as they are made, for ever; without ``after`` only new ones, after "" from the first.

    Raises WrongQuestionError where ``after`` is no place.
    """
    place = await _last(bell.pool) if after is None else place_of(after)
    async with bell.heard() as rung:
        while True:
            rung.clear()
            rows = await bell.pool.fetch(_AFTER, place, _PAGE)
            for row in rows:
                place = row["place"]
                said = part_of(row["content"], own_area() or "")
                if said is not None:
                    yield Alert(place, row["kind"], {"id": str(row["id"]), "made_at": row["made_at"], **said})
            if not rows:
                await rung.wait()


def place_of(text: str) -> int:
    """Return the place of a notice that a stream goes on after. Raises WrongQuestionError."""
    try:
        found = integer_of(text) if text else 0
    except ValueError:
        found = -1
    if not 0 <= found < _FAR:
        raise WrongQuestionError("Last-Event-ID", "the id of a notice of the stream")
    return found


async def _last(pool: asyncpg.Pool) -> int:
    return int(await pool.fetchval(_LAST))
