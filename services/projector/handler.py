"""The projector as a pipeline's handler: a batch of the log becomes rows, in the pipeline's transaction."""

import logging
from collections.abc import Sequence

from events.envelope import Record
from projections.schema import CONSUMED, PIPELINE, POSITIONS
from services.platform.database import Connection
from services.projector import generation
from services.projector.rows import Rows, made_of, write

CHANNEL = "dibao_anomalies"
"""PostgreSQL channel that is notified, with the commit, when anomalies were announced."""

_LOG = logging.getLogger(__name__)


class Projector:
    """Consumes the whole log. It asks in every batch which generation is live, so a rebuild may swap it."""

    name = PIPELINE
    version = POSITIONS
    contexts = CONSUMED

    def __init__(self) -> None:
        self._generation: int | None = None

    async def prepare(self, records: Sequence[Record]) -> Rows:
        """Make the records' rows."""
        return await made_of(records)

    async def handle(self, connection: Connection, rows: Rows) -> None:
        """Add the batch's rows to the live generation, inside the open transaction.

        Raises OtherCodeError where a rebuild by other code has put another one there.
        """
        await generation.lock(connection)
        current = await generation.enter(connection)
        if self._generation != current:
            await generation.require_this_code(connection, current)
            if self._generation is not None:
                _LOG.info("projection generation %d took over from %s", current, self._generation)
            self._generation = current
        written = await write(connection, rows)
        if written.anomalies:
            await connection.execute(f"NOTIFY {CHANNEL}")

    def committed(self, records: Sequence[Record]) -> None:
        """Nothing to do: the projector keeps no cache."""

    def revoked(self) -> None:
        """Nothing to do: the projector keeps no cache."""
