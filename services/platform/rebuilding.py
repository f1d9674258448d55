"""What every rebuild of derived state does alike: belong to its Kafka, and drop generations that are over."""

import logging
from collections.abc import Mapping, Sequence

import asyncpg

from services.platform import offsets
from services.platform.database import Connection
from services.platform.failure import PipelineStoppedError
from services.platform.log import cluster_id, end_offsets
from services.platform.offsets import Place
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 100


async def require_cluster(settings: Settings, connection: Connection) -> None:
    """Raise PipelineStoppedError where PostgreSQL's positions belong to another Kafka."""
    found = await cluster_id(settings)
    expected = await offsets.remember_cluster(connection, found)
    if found != expected:
        raise PipelineStoppedError(
            f"PostgreSQL belongs to the Kafka cluster {expected}, and {settings.kafka} is {found}: "
            "nothing was rebuilt."
        )


async def drop_generations(connection: Connection, prefix: str, kept: str) -> list[int]:
    """Drop the schemas ``<prefix><number>`` but the one kept; return the numbers of those dropped."""
    schemas = await connection.fetch(
        "select nspname from pg_namespace where nspname ~ $1 and nspname <> $2", f"^{prefix}[0-9]+$", kept
    )
    dropped: list[int] = []
    for row in schemas:
        for _ in range(_ATTEMPTS):
            try:
                async with connection.transaction():
                    # Waiting longer for readers of the old generation would make new ones wait behind; and
                    # of a deadlock with one of them this side gives up, before PostgreSQL looks for it (1 s)
                    # and may end the reader.
                    await connection.execute("set local lock_timeout to '300ms'")
                    await connection.execute(f"drop schema {row['nspname']} cascade")
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                continue
            dropped.append(int(row["nspname"].removeprefix(prefix)))
            break
        else:
            _LOG.warning("%s is still in use: the next rebuild drops it", row["nspname"])
    return dropped


async def overtaken(
    settings: Settings, contexts: Sequence[str], read: Mapping[Place, int], live: Mapping[Place, int]
) -> bool:
    """Return whether the live generation has read records that a rebuild, which has read so far, has not.

    Positions past the end of the log are of records that it has lost: a rebuild is what puts that right.
    """
    ahead = {place: position for place, position in live.items() if read.get(place, 0) < position}
    if not ahead:
        return False
    ends = await end_offsets(settings, contexts)
    return any(position <= ends.get(place, 0) for place, position in ahead.items())
