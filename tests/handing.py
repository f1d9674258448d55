"""Records handed to a pipeline's handler as the pipeline does it, without Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from events.envelope import Record
from services.platform.database import Connection
from services.platform.pipeline import Handler


async def hand(handler: Handler, connection: Connection, records: Sequence[Record]) -> None:
    """Do the effects of records, in the open transaction."""
    await handler.handle(connection, await handler.prepare(records))
