"""How far each part has come, measured: a share of what will have passed through it in the end."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from events.catalogue import UPSTREAM_CONTEXTS
from projections.schema import PIPELINE, POSITIONS
from services.detection.facts import CONTEXTS as DETECTED
from services.platform.kafka import administration
from services.platform.log import end_offsets, topics_of
from services.platform.offsets import behind, positions
from tests.chaos.publisher import Publisher

UPSTREAM = tuple(UPSTREAM_CONTEXTS)
GENERATION = 1
"""Of detection: the first of a new deployment."""


@contextlib.asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[Any]:
    """A connection of this moment: the server may be killed at any other."""
    connection = await asyncpg.connect(database_url, timeout=10)
    try:
        yield connection
    finally:
        await connection.close()


class Positions:
    """The positions of a deployment, as shares of the facts that its publisher has in all."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._settings = publisher.deployment.settings
        self._totals = {context: publisher.total_of(context) for context in UPSTREAM}

    async def intake(self, context: str) -> float:
        """Facts of a context that were acknowledged."""
        return self._publisher.by_context[context] / self._totals[context]

    async def pipeline(self, name: str, contexts: Sequence[str]) -> float:
        """What a pipeline has consumed of what is published, by the offsets committed with their effects."""
        topics = {f"{self._settings.topic_prefix}.{context}" for context in contexts if context in UPSTREAM}
        async with connected(self._settings.database_url) as connection:
            held = await positions(connection, name, POSITIONS if name == PIPELINE else GENERATION)
        consumed = sum(offset for (topic, _), offset in held.items() if topic in topics)
        ends = await end_offsets(self._settings, [context for context in contexts if context in UPSTREAM])
        # What was tried again may stand on the log twice.
        return self._publisher.share * consumed / max(1, sum(ends.values()))

    async def detection(self) -> float:
        """Of detection."""
        return await self.pipeline("detection", DETECTED)

    async def projector(self) -> float:
        """Of the projector."""
        return await self.pipeline(PIPELINE, UPSTREAM)

    async def behind(self) -> int:
        """Records of the log that detection has not consumed."""
        ends = await end_offsets(self._settings, DETECTED)
        async with connected(self._settings.database_url) as connection:
            held = await positions(connection, "detection", GENERATION)
        return behind(ends, held, topics_of(self._settings, DETECTED))

    async def open_transactions(self, role: str) -> int:
        """Transactions of a role in which nothing happens."""
        async with connected(self._settings.database_url) as connection:
            return int(
                await connection.fetchval(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                    " and usename = $1 and state = 'idle in transaction'",
                    role,
                )
            )

    async def members(self) -> list[int]:
        """How many partitions each member of detection's consumer group has, in ascending order."""
        group = f"{self._settings.topic_prefix}.detection.v1"
        async with administration(self._settings) as admin:
            (answer,) = await admin.describe_consumer_groups([group])
        (found,) = answer.groups
        state, members = found[2], found[5]
        if state != "Stable":
            return []
        return sorted(_partitions(member[-1]) for member in members)


def _partitions(assignment: bytes) -> int:
    """Count partitions in a member's assignment (ConsumerProtocolAssignment, big-endian)."""
    if not assignment:
        return 0
    at, count = 2, 0

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(assignment[at - size : at], "big", signed=True)

    for _ in range(number(4)):
        name = number(2)
        at += name
        partitions = number(4)
        at += 4 * partitions
        count += partitions
    return count
