"""The pipeline alone: two workers, and a ledger that would show what counted twice, never, or too early."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from events.codec import encode
from events.envelope import Record
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.pipeline import Pipeline
from services.platform.settings import Settings
from tests.services.platform.pipeline.facts import CONTEXTS, fact
from tests.simulation.postgres import Key, Row
from tests.simulation.scenario import Scenario
from tests.simulation.world import KEYS, TUNING, Work, World

SETTINGS = Settings(topic_prefix="s", fault="")


class Counting:
    """A handler with a row a record."""

    name, version, contexts = "ledger", 1, CONTEXTS

    def __init__(self, worker: str) -> None:
        self._worker = worker

    async def prepare(self, records: Sequence[Record]) -> Sequence[Record]:
        """Give way, as others do who prepare."""
        await asyncio.sleep(0)
        return records

    async def handle(self, connection: Any, records: Sequence[Record]) -> None:
        """Write a row a record."""
        rows = [(one.event.serial, one.topic, one.partition, one.offset, self._worker) for one in records]
        await connection.copy_records_to_table(
            "effect", records=rows, columns=["serial", "topic", "partition", "place", "worker"]
        )

    def committed(self, records: Sequence[Record]) -> None:
        """Nothing is cached."""

    def revoked(self) -> None:
        """Nothing is cached."""


def _signed(topic: str, serial: str) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    key, value, headers = encode(fact(serial))
    return key, value, [*headers, KEYS.mac(topic, key, value, headers)]


_RECORDS: dict[tuple[str, str], tuple[bytes, bytes, list[tuple[str, bytes]]]] = {}


class OfPipeline(Scenario):
    """Each record has its effect once, in its partition's order; below a committed offset none is missing."""

    name = "pipeline"
    topics = {"s.payments": 3, "s.vitals": 1}
    pipeline: type[Pipeline] = Pipeline

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._count = 0
        self._done: dict[tuple[str, int], int] = defaultdict(int)
        world.postgres.committed.append(self._committed)

    def workers(self) -> Mapping[str, Work]:
        """Two."""
        return {"first": self._work, "second": self._work}

    async def _work(self, world: World, stop: asyncio.Event) -> None:
        process = world.loop.current
        pipeline = self.pipeline(SETTINGS, world.pool(), Counting(process.name), TUNING)
        await run_aiokafka(pipeline, stop)

    def write(self) -> None:
        """A few records, to the partitions in turn."""
        kafka = self.world.kafka
        for _ in range(1 + self.world.plan.draw(8)):
            serial = f"f{self._count:04d}"
            topic, partition = [*kafka.logs][self._count % 4]
            self._count += 1
            made = _RECORDS.get((topic, serial))
            if made is None:
                made = _RECORDS[topic, serial] = _signed(topic, serial)
            kafka.append(topic, partition, *made)
        self.world.say(f"{self._count} facts are stated")
        kafka.tell()

    def _committed(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        effects = [row for row in written.get("effect", {}).values() if row is not None]
        for row in effects:
            place = row["topic"], row["partition"]
            if row["place"] < self._done[place]:
                self.world.wrong(f"the record at {row['place']} of {place} has its effect twice")
            if row["place"] > self._done[place]:
                self.world.wrong(
                    f"the record at {self._done[place]} of {place} is overtaken by {row['place']}"
                )
            self._done[place] = row["place"] + 1
        for moved in written.get("platform.offset", {}).values():
            if moved is not None:
                place = moved["topic"], moved["partition"]
                if moved["next_offset"] != self._done[place]:
                    self.world.wrong(
                        f"the offset of {place} is {moved['next_offset']}, "
                        f"its effects are up to {self._done[place]}"
                    )
        if effects and "platform.offset" not in written:
            self.world.wrong("effects are committed without their offsets")

    def unsettled(self) -> str | None:
        """Every record has its effect."""
        left = {place: len(log) for place, log in self.world.kafka.logs.items()}
        behind = {place: end - self._done[place] for place, end in left.items() if end != self._done[place]}
        return f"behind by {behind}" if behind else None
