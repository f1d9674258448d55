"""How far an answer has read the log: what it is known by (ETag), and waiting until that is far enough."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Annotated

import asyncpg
from fastapi import Query, Request

from projections.schema import PIPELINE, POSITIONS
from services.reporting.filters import WrongQuestionError, integer_of
from services.reporting.reach import own_area
from services.reporting.reading import NotThereError

_PATIENCE_SECONDS = 5.0
_AGAIN_SECONDS = 0.05
_PLACES = "places such as dibao.payments/3/1042, commas between them"
_PLACE = re.compile(r"[a-z0-9.-]{1,100}/[0-9]{1,6}/[0-9]{1,18}", re.ASCII)

MinPosition = Annotated[
    str | None,
    Query(
        description="places on the log, as topic/partition/offset, commas between them: waits up to 5 s "
        "until they are read, or else answers 409"
    ),
]


class NotReadYetError(NotThereError):
    """The log is not read so far yet."""


class NotModifiedError(Exception):
    """Nothing has changed since the asker's last answer; ``tag`` is what that is known by."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def freshness(pool: asyncpg.Pool) -> Callable[..., Awaitable[None]]:
    """Return what waits for ``min_position``, and spares an answer that the asker has already."""

    async def fresh(request: Request, min_position: MinPosition = None) -> None:
        if min_position is not None:
            await _wait(pool, _wanted(min_position))
        if request.method != "GET":
            return
        # Before the answer is made: one that is newer than its tag is only asked for once more.
        tag = await _tag(pool, request)
        if tag in request.headers.get("if-none-match", ""):
            raise NotModifiedError(tag)
        request.state.tag = tag

    return fresh


def _wanted(text: str) -> Mapping[tuple[str, int], int]:
    """The places as (topic, partition) → the offset that is to be read."""
    found: dict[tuple[str, int], int] = {}
    for place in text.split(","):
        if not _PLACE.fullmatch(place):
            raise WrongQuestionError(
                "min_position", "places such as dibao.payments/3/1042, commas between them"
            )
        topic, partition, offset = place.rsplit("/", 2)
        key = (topic, integer_of(partition))
        found[key] = max(integer_of(offset), found.get(key, 0))
    return found


async def _wait(pool: asyncpg.Pool, wanted: Mapping[tuple[str, int], int]) -> None:
    """Return when all places are read. Raises NotReadYetError."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        rows = await pool.fetch(_READ, PIPELINE, POSITIONS, [topic for topic, _ in wanted])
        read = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        missing = [f"{place[0]}/{place[1]}/{at}" for place, at in wanted.items() if read.get(place, 0) <= at]
        if not missing:
            return
        if time.monotonic() > until:
            raise NotReadYetError(f"The projector has not read {', '.join(missing)} yet: ask again soon.")
        await asyncio.sleep(_AGAIN_SECONDS)


_READ = """
SELECT topic, partition, next_offset FROM platform."offset"
WHERE pipeline = $1 AND version = $2 AND topic = ANY ($3)
"""


async def _tag(pool: asyncpg.Pool, request: Request) -> str:
    """What an answer is known by: who asks what, how far the log is read, on which day, by which process."""
    known = await pool.fetchval(_KNOWN, PIPELINE, POSITIONS)
    asked = (str(request.url), request.headers.get("accept", ""), own_area() or "", known or "", _PROCESS)
    digest = sha256(" ".join(asked).encode()).hexdigest()
    return f'"{digest[:32]}"'


_PROCESS = secrets.token_hex(8)
"""A process begun anew may run other code, which says the same in other words."""

# Whatever else an answer may depend on: rules' words, and quarters that are kept.
_KNOWN = """
SELECT concat_ws(
  ' ', (now() AT TIME ZONE 'Asia/Shanghai')::date,
  (SELECT live FROM platform.generation WHERE name = 'projection'),
  (SELECT string_agg(topic || '/' || partition || '/' || next_offset, ' ' ORDER BY topic, partition)
   FROM platform."offset" WHERE pipeline = $1 AND version = $2),
  (SELECT sum(version) FROM platform.rule), (SELECT count(*) FROM platform.quarter)
)
"""
