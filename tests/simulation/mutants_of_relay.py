"""The relay with a mistake in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.platform.outbox import Relay
from services.platform.partitioning import Dealing


class DeletesFirst(Relay):
    """Takes messages out of the outbox before Kafka has them."""

    async def _publish_batch(self, connection: Any) -> int:
        rows = await connection.fetch(_ROWS)
        await connection.execute(_DELETE, [row["id"] for row in rows])
        await self._publish(rows, _as_kafka_does(rows))
        return len(rows)


class AllAtOnce(Relay):
    """Does not wait for a subject's message before it sends the next one."""

    async def _publish_batch(self, connection: Any) -> int:
        rows = await connection.fetch(_ROWS)
        if rows:
            await self._publish(rows, _as_kafka_does(rows))
            await connection.execute(_DELETE, [row["id"] for row in rows])
        return len(rows)


class Forgetful(Relay):
    """Takes out of the outbox whatever was tried."""

    async def _publish(self, rows: Sequence[Any], dealings: Mapping[str, Dealing]) -> None:
        for row in rows:
            await self._send(row, dealings[row["topic"]].partitions)


def _as_kafka_does(rows: Sequence[Any]) -> dict[str, Dealing]:
    return {row["topic"]: Dealing() for row in rows}


_ROWS = 'select id, subject, topic, key, value, headers from "owner".outbox order by id limit 1000'
_DELETE = 'delete from "owner".outbox where id = any($1::bigint[])'

RELAYS = (DeletesFirst, AllAtOnce, Forgetful)
