"""Detection whole: two workers take facts in, evaluate, sweep, apply days and publish, as in production."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from events.catalogue import BY_TYPE, log_topic
from services.detection.facts import CONTEXTS
from services.detection.rules import ALL
from services.detection.service import _Worker
from services.platform.aiokafka_transport import run_aiokafka
from services.platform.settings import Settings
from tests.services.detection.draws import PARAMETERS, adopted_of
from tests.services.detection.expected import expected_findings
from tests.services.detection.history import history
from tests.services.detection.upstream import Raw, digest_of, message_of
from tests.services.detection.worker import Plain, latest_closed, plain
from tests.simulation.kafka import Headers, Place
from tests.simulation.postgres import Key, Row
from tests.simulation.scenario import Scenario
from tests.simulation.world import KEYS, Work, World

SETTINGS = Settings(topic_prefix="s", fault="")
TOPIC = "s.anomalies"
HISTORIES, FACTS = 24, 20
"""So many different ones, of about so many facts: what is to be found in each is looked for once."""
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as intake has written it, and how it is known."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers
    name: tuple[UUID, UUID]


@cache
def stated(number: int) -> tuple[list[Stated], Stated, list[Plain]]:
    """Return the facts of a history in their order of arrival, a value of policy, and what is found by it.

    Something else is found by it than without it, where some tries come to such a one.
    """
    raws = history(number, FACTS).raws
    closed = latest_closed(raws)
    without = expected_findings(raws, closed)
    chance = random.Random(f"policy {number}")
    for tried in range(_TRIES):
        policy = adopted_of(chance, FACTS + tried, chance.choice(PARAMETERS))
        expected = expected_findings([*raws, policy], closed)
        if expected != without:
            break
    return [_stated(raw) for raw in raws], _stated(policy), expected


def _stated(raw: Raw) -> Stated:
    message = message_of(raw)
    topic = log_topic(SETTINGS.topic_prefix, BY_TYPE[raw["type"]].context)
    headers = [*message.headers, KEYS.mac(topic, message.key, message.value, message.headers)]
    name = UUID(dict(message.headers)["ce_id"].decode()), UUID(digest_of(raw))
    return Stated(topic, message.key, message.value, headers, name)


class OfDetection(Scenario):
    """What is found is what a naive scan finds, and what was announced of it, folded, is the same."""

    name = "detection"
    topics = {**{f"s.{context}": 1 for context in CONTEXTS}, "s.payments": 2, "s.enrollment": 2, TOPIC: 2}
    actions = 8

    def __init__(self, world: World) -> None:
        super().__init__(world)
        facts, policy, self._expected = stated(world.plan.draw(HISTORIES))
        self._left = list(facts)
        self._policy: Stated | None = policy
        """A value that is adopted when all is at rest: then nothing but a sweep leads to whom it concerns."""
        if world.plan.once_in(2):
            self._left.insert(world.plan.draw(len(facts)), policy)
            self._policy = None
        self._names: dict[Place, list[tuple[UUID, UUID]]] = defaultdict(list)
        self._next: dict[Place, int] = defaultdict(int)
        self._announced: dict[UUID, int] = {}
        """The revision of each anomaly that was committed last."""
        self._enqueued: dict[UUID, tuple[UUID, int, str]] = {}
        world.postgres.put("platform.generation", ("detection",), {"name": "detection", "live": 1})
        world.postgres.committed.append(self._committed)

    def workers(self) -> Mapping[str, Work]:
        """Two, of which one publishes."""
        return {"first": self._work, "second": self._work}

    async def _work(self, world: World, stop: asyncio.Event) -> None:
        await self.worker(stop)

    async def worker(self, stop: asyncio.Event) -> None:
        """One as its service has it."""
        await _Worker(SETTINGS, 1, run_aiokafka, ALL).run(stop)

    def write(self) -> None:
        """The next facts; at the end, all that are left. Some are stated twice: no answer had come."""
        world, kafka = self.world, self.world.kafka
        count = len(self._left) if world.faults.is_quiet else 2 + world.plan.draw(10)
        for one in self._left[:count]:
            for _ in range(1 + world.plan.once_in(5)):
                partition = kafka.partition_of(one.topic, one.key)
                kafka.append(one.topic, partition, one.key, one.value, one.headers)
                self._names[one.topic, partition].append(one.name)
        del self._left[:count]
        world.say(f"facts are stated; {len(self._left)} are left")
        kafka.tell()

    def _committed(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        self._below_offsets(written)
        changed = {
            row["anomaly_id"]: row["revision"]
            for row in written.get("finding", {}).values()
            if row is not None
        }
        for anomaly, revision in changed.items():
            before = self._announced.get(anomaly, 0)
            if revision != before + 1:
                self.world.wrong(f"revision {revision} of an anomaly follows {before}")
            self._announced[anomaly] = revision
        told = {}
        for row in written.get("outbox", {}).values():
            if row is not None:
                data = orjson.loads(row["value"])
                said = dict(row["headers"])
                anomaly = UUID(data["anomaly_id"])
                told[anomaly] = data["revision"]
                self._enqueued[UUID(said["ce_id"])] = anomaly, data["revision"], said["ce_type"].split(".")[2]
        if told != changed:
            self.world.wrong("findings are committed without their announcements, or these without them")

    def _below_offsets(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        """What lies below an offset is known."""
        for row in written.get("platform.offset", {}).values():
            if row is None:
                continue
            place = row["topic"], row["partition"]
            for event_id, digest in self._names[place][self._next[place] : row["next_offset"]]:
                event = self.world.postgres.latest("event", (event_id,))
                if event is None or digest not in event["digests"]:
                    self.world.wrong(f"a fact below the offset of {place} is not there")
            self._next[place] = row["next_offset"]

    def unsettled(self) -> str | None:
        """Nothing is left to take in, to evaluate, to sweep, to apply or to publish; nor a value to adopt."""
        reason = self._moving()
        if reason is None and self._policy is not None:
            self._left, self._policy = [self._policy], None
            self.write()
            return "a value of policy is adopted"
        return reason

    def _moving(self) -> str | None:
        postgres = self.world.postgres
        for place, log in self.world.kafka.logs.items():
            if place[0] != TOPIC and self._next[place] < len(log):
                return f"{place} is taken in up to {self._next[place]} of {len(log)}"
        if postgres.rows("dirty"):
            return "subjects are marked"
        if any(not row["done"] for row in postgres.rows("sweep")):
            return "sweeps are not done"
        days = [row["day"] for row in postgres.rows("day")]
        stated = {
            row["month"] for row in postgres.rows("fact") if row["subject"] == "calendar:day" and row["live"]
        }
        if stated != {day.isoformat() for day in days}:
            return "closed days are not applied"
        if days and any(row["due"] <= max(days) for row in postgres.rows("wake")):
            return "subjects are due"
        return "the outbox is not empty" if postgres.rows("outbox") else None

    def check(self) -> None:
        """What is found, what is announced, and what a naive scan finds are one."""
        rows = [row for row in self.world.postgres.rows("finding") if row["state"] == "open"]
        found = sorted(plain(row["rule"], row["key"], row["severity"], row["params"]) for row in rows)
        if found != self._expected:
            self._differ("what is found", found)
        announced = self._folded()
        if announced != self._expected:
            self._differ("what is announced", announced)

    def _differ(self, what: str, found: list[Plain]) -> None:
        more = [one for one in found if one not in self._expected]
        less = [one for one in self._expected if one not in found]
        self.world.say(f"{what} has {more} and lacks {less}")
        self.world.wrong(f"{what} is not what a naive scan finds")

    def _folded(self) -> list[Plain]:
        seen: set[UUID] = set()
        last: dict[UUID, tuple[str, Any]] = {}
        for place, log in self.world.kafka.logs.items():
            for record in log if place[0] == TOPIC else ():
                said = dict(record.headers)
                event_id, verb = UUID(said["ce_id"].decode()), said["ce_type"].decode().split(".")[2]
                data = orjson.loads(record.value)
                anomaly = UUID(data["anomaly_id"])
                if self._enqueued.get(event_id) != (anomaly, data["revision"], verb):
                    self.world.wrong("something is announced that was never committed")
                if event_id in seen:
                    continue
                seen.add(event_id)
                before = last.get(anomaly)
                if data["revision"] != (1 if before is None else before[1]["revision"] + 1):
                    self.world.wrong(f"revision {data['revision']} is announced out of its order")
                last[anomaly] = verb, data
        return sorted(
            plain(data["rule"], data["key"], data["severity"], data["params"])
            for verb, data in last.values()
            if verb != "withdrawn"
        )
