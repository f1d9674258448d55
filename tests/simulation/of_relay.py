"""The outbox and its relays: writers take turns at subjects; what they commit is published in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from services.platform.failure import Patience
from services.platform.outbox import Message, Relay, enqueue
from tests.simulation.postgres import Key, Row
from tests.simulation.scenario import Scenario
from tests.simulation.world import KEYS, Work, World, producer

TOPIC = "s.anomalies"
_SUBJECTS = "abc"


class OfRelay(Scenario):
    """What is committed is published, in its subject's order; a repeat is of what was published before."""

    name = "relay"
    topics = {TOPIC: 2}
    relay: type[Relay] = Relay

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._committed_up_to: dict[str, int] = defaultdict(int)
        self._looked_at = dict.fromkeys(world.kafka.logs, 0)
        self._published: dict[str, int] = defaultdict(int)
        for name in _SUBJECTS:
            world.postgres.put("subject", (name,), {"name": name, "count": 0})
        world.postgres.committed.append(self._committed)
        self._writing: set[asyncio.Task[None]] = set()

    def workers(self) -> Mapping[str, Work]:
        """Two, of which one publishes."""
        return {"first": self._work, "second": self._work}

    async def _work(self, world: World, stop: asyncio.Event) -> None:
        sending: Any = producer()
        relay = self.relay("", "owner", sending, KEYS)
        await relay.run(stop)

    def write(self) -> None:
        """Writers of a few subjects, at once."""
        world = self.world
        for _ in range(1 + world.plan.draw(3)):
            first = world.plan.draw(len(_SUBJECTS))
            process = world.loop.process("writer")
            self._writing.add(world.loop.spawn(process, self._write(_SUBJECTS[first])))

    async def _write(self, name: str) -> None:
        pool: Any = self.world.pool()
        patience = Patience(1000, "a writer")
        while True:
            try:
                async with pool.acquire() as connection, connection.transaction():
                    number = await connection.fetchval(
                        "update subject set count = count + 1 where name = $1 returning count", name
                    )
                    said = [f"{name}{number}", f"{name}{number + 1}"]
                    await connection.execute(
                        "update subject set count = count + 1 where name = $1 returning count", name
                    )
                    await enqueue(
                        connection, [Message(name, TOPIC, name.encode(), one.encode()) for one in said]
                    )
                return
            except Exception as error:
                await patience.wait(error)

    def _committed(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        for row in written.get("subject", {}).values():
            assert row is not None
            self._committed_up_to[row["name"]] = row["count"]
        self._look()

    def _look(self) -> None:
        for place, log in self.world.kafka.logs.items():
            for record in log[self._looked_at[place] :]:
                said = record.value.decode()
                name, number = said[0], int(said[1:])
                if number > self._committed_up_to[name]:
                    self.world.wrong(f"{said} is published, and was never committed")
                if number > self._published[name] + 1:
                    self.world.wrong(f"{said} is published before {name}{self._published[name] + 1}")
                self._published[name] = max(self._published[name], number)
            self._looked_at[place] = len(log)

    def unsettled(self) -> str | None:
        """All that is committed is published, and has left the outbox."""
        self._look()
        if any(not task.done() for task in self._writing):
            return "writers write"
        for name, number in self._committed_up_to.items():
            if self._published[name] < number:
                left = bool(self.world.postgres.rows("outbox"))
                return f"{name}{number} is not published" + ("" if left else ", and not in the outbox")
        return "the outbox is not empty" if self.world.postgres.rows("outbox") else None
