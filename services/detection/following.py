"""Facts that are followed (``tracing``), and what was found because of them: then, or within a day.

An announcement goes on in the trace of the latest followed fact among its evidence, whenever and by
whichever worker it is found. Where there is none, as with what ends a finding, in that of a fact of its
subject that has just come.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final
from uuid import UUID

from events.envelope import Event
from services.platform import tracing
from services.platform.database import Connection

Followed = Mapping[str, str]
"""Contexts by subject."""

NOBODY: Final[Followed] = {}

_KEEP = """
insert into platform.followed (event_id, trace)
select event_id, trace from unnest($1::uuid[], $2::text[]) as f (event_id, trace) order by event_id
on conflict (event_id) do update set trace = excluded.trace, at = now()
"""
_FORGET = """
delete from platform.followed where event_id in (
    select event_id from platform.followed where at < now() - interval '1 day'
    order by at limit 10000 for update skip locked
)
"""
_FOUND = """
select distinct on (e.place) e.place, f.trace
from unnest($1::int[], $2::uuid[]) as e (place, event_id) join platform.followed as f using (event_id)
order by e.place, f.at desc
"""
_FORGET_SECONDS = 600.0
_forgotten_at = monotonic()


async def keep(connection: Connection, followed: Sequence[tuple[UUID, str]]) -> None:
    """Keep which facts are followed, in the transaction that takes them in."""
    global _forgotten_at
    await connection.execute(_KEEP, *map(list, zip(*followed, strict=True)))
    if monotonic() - _forgotten_at > _FORGET_SECONDS:
        _forgotten_at = monotonic()
        await connection.execute(_FORGET)


async def traces_of(
    connection: Connection, events: Sequence[Event], followed: Followed = NOBODY
) -> Mapping[int, str]:
    """Return the contexts that announcements go on with, by their places; of most there is none."""
    evidence = [(at, event_id) for at, event in enumerate(events) for event_id in event.data.evidence]
    rows = await connection.fetch(_FOUND, [at for at, _ in evidence], [event_id for _, event_id in evidence])
    found = {
        at: followed[event.data.subject] for at, event in enumerate(events) if event.data.subject in followed
    }
    found |= {row["place"]: row["trace"] for row in rows}
    if not found:
        return found
    here, counts = tracing.current(), dict[str, list[int]]()
    for at, trace in found.items():
        counts.setdefault(trace, []).append(at)
    # Each goes on in its own trace, and says which batch it was found in; of very many it is left out.
    links = [here] if here is not None else []
    for trace, places in list(counts.items())[: tracing.LINKS]:
        told = {"dibao.announcements": len(places), "dibao.rule": events[places[0]].data.rule}
        going_on = tracing.point("announce", trace, links=links, attributes=told)
        found |= dict.fromkeys(places, going_on)
    return found
