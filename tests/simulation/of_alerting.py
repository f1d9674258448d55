"""Alerting whole: two workers take announcements, decide who is told, and deliver to offices by webhooks.

A projector, which dies and stands still like them, says how far it has read; operators snooze.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import httpx
import orjson

from projections.schema import PIPELINE, POSITIONS
from services.alerting import handler, snoozes
from services.alerting.announcement import evidence_of
from services.alerting.service import serve
from services.alerting.subscription import STREAM, Bounds, Wanted
from services.alerting.subscriptions import SubscriptionError, _sealer
from services.alerting.webhook import key_of, signature
from services.platform import offsets
from services.platform.failure import Patience
from services.platform.running import pause
from services.platform.settings import Settings
from services.platform.vault import bound_to
from tests.services.alerting.office import HERE, THERE, anomaly_of, finding
from tests.services.alerting.receiver import SECRET
from tests.services.detection.upstream import message_of
from tests.simulation.kafka import Headers
from tests.simulation.postgres import Key, Row
from tests.simulation.receiver import ModelReceiver
from tests.simulation.scenario import Scenario
from tests.simulation.statements import EPOCH
from tests.simulation.statements import alerting as tables
from tests.simulation.world import KEYS, MASTER, Work, World

SETTINGS = Settings(topic_prefix="s", fault="")
TOPIC = "s.anomalies"
SUBJECTS, IMPORTED = 7, 5
"""Anomalies that are announced again and again; of an import in each partition: over ``most``."""
BOUNDS = Bounds(most=3, window=timedelta(seconds=20), gather=timedelta(seconds=1), quiet=timedelta(seconds=5))
_READ_SECONDS = 0.3
_CLOCKS = (0.0, 2.0, -2.0, 5.0, -5.0)
"""Clocks that are an hour wrong tell an hour late; a schedule has not as long."""
_SNOOZED_SECONDS = (3600.0, 5.0)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription as the world has it from the beginning. ``host``: who is told, None on the stream."""

    number: int
    host: str | None
    wanted: Wanted

    @property
    def id(self) -> UUID:
        """Its id."""
        return uuid5(UUID(int=7), str(self.number))


SUBSCRIBED = (
    Subscribed(STREAM, None, Wanted()),
    Subscribed(1, "county.example", Wanted()),
    Subscribed(2, "street.example", Wanted(area=HERE[:9], severities=frozenset({"high"}))),
)


@cache
def _row(one: Subscribed) -> Row:
    """The row of a subscription, where it leads sealed as ``subscribe`` does it."""
    salt, name = one.number.to_bytes(16), str(one.id)
    sealer = _sealer(MASTER, one.id, salt)
    target = f"https://{one.host}/hook"
    plain = {
        "window_seconds": BOUNDS.window.total_seconds(),
        "gather_seconds": BOUNDS.gather.total_seconds(),
        "quiet_seconds": BOUNDS.quiet.total_seconds(),
        "after_place": 0,
        "ended_at": None,
        "window_began": None,
        "sent": 0,
        "storm_began": None,
        "resting_until": None,
    }
    wanted = {
        field: sorted(getattr(one.wanted, field)) for field in ("rules", "severities", "verbs", "programmes")
    }
    return {
        "number": one.number,
        "id": one.id,
        "name": f"订阅 {one.number}",
        "channel": "stream" if one.host is None else "webhook",
        "area": one.wanted.area,
        "most": BOUNDS.most,
        "salt": salt,
        "sealed_target": sealer.seal(target.encode(), bound_to(name, "target")),
        "sealed_secret": sealer.seal(SECRET.encode(), bound_to(name, "secret")),
        **wanted,
        **plain,
    }


@dataclass(frozen=True, slots=True)
class Change:
    """A revision of an anomaly as detection announces it."""

    number: int
    verb: str
    revision: int
    severity: str
    facts: int
    """Of how many facts its evidence is."""

    @property
    def village(self) -> str:
        """Where its household lives."""
        return HERE if self.number % 2 else THERE

    @property
    def evidence(self) -> str:
        """The digest of its evidence."""
        facts = [_fact(self.number, one) for one in range(self.facts)]
        return evidence_of(facts, self.facts)

    def concerns(self, one: Subscribed) -> bool:
        """Whether a subscription is told of it, in other words than the product's."""
        return one.number != 2 or (self.severity == "high" and self.village == HERE)


def _fact(number: int, one: int) -> UUID:
    return uuid5(anomaly_of(number), f"fact {one}")


@cache
def _record(change: Change) -> tuple[UUID, bytes, bytes, Headers]:
    evidence = [str(_fact(change.number, one)) for one in range(change.facts)]
    raw = finding(
        change.number,
        change.verb,
        change.revision,
        severity=change.severity,
        evidence=evidence,
        evidence_count=change.facts,
    )
    message = message_of(raw)
    headers = [*message.headers, KEYS.mac(TOPIC, message.key, message.value, message.headers)]
    return UUID(dict(message.headers)["ce_id"].decode()), message.key, message.value, headers


class OfAlerting(Scenario):
    """Each change that concerns a subscription is in one notice or digest, which its office takes for one."""

    name = "alerting"
    topics = {TOPIC: 2}
    actions = 10

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._last: dict[int, Change] = {}
        """What was announced last of each anomaly."""
        self._changes: dict[UUID, Change] = {}
        self._on_log: dict[tuple[str, int], list[UUID]] = defaultdict(list)
        self._next: dict[tuple[str, int], int] = defaultdict(int)
        self._notices: dict[int, Row] = {}
        """Notices as they were committed last, by place."""
        self._by_id: dict[str, Row] = {}
        self._items: dict[int, set[UUID]] = defaultdict(set)
        self._asked: Counter[str] = Counter()
        """Requests of each notice."""
        self._wrong_by = 0.0
        """How far ahead a clock was, in seconds."""
        self._imported: set[UUID] = set()
        self._import_begins = 0
        self._writing: set[asyncio.Task[None]] = set()
        postgres = world.postgres
        for one in SUBSCRIBED:
            postgres.put(tables.SUBSCRIPTION, (one.number,), _row(one))
            if one.host is not None:
                world.receivers[one.host] = ModelReceiver(world.loop, world.faults, one.host, self._heard)
        postgres.put("platform.generation", ("projection",), {"name": "projection", "live": 1})
        postgres.committed.append(self._committed)

    def workers(self) -> Mapping[str, Work]:
        """Two that tell, and a projector."""
        return {"first": self._work, "second": self._work, "projector": self._project}

    async def _work(self, world: World, stop: asyncio.Event) -> None:
        await serve(SETTINGS, stop)

    async def _project(self, world: World, stop: asyncio.Event) -> None:
        pool: Any = world.pool()
        patience = Patience(1000, "the projector")
        while not stop.is_set():
            read = {place: len(log) for place, log in world.kafka.logs.items()}
            try:
                async with pool.acquire() as connection, connection.transaction():
                    await offsets.set_position(connection, PIPELINE, POSITIONS, read)
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            await pause(_READ_SECONDS, stop)

    # What is done, and what goes wrong

    def write(self) -> None:
        """Changes of a few anomalies, some said twice; now and then an import, or somebody snoozes."""
        plan = self.world.plan
        for _ in range(1 + plan.draw(4)):
            self._announce(self._changed(plan.draw(SUBJECTS)), 1 + plan.once_in(5))
        if plan.once_in(6):
            self._import()
        if plan.once_in(3):
            self._snooze(plan.draw(SUBJECTS))
        self.world.say(f"{len(self._changes)} changes are announced")
        self.world.kafka.tell()

    def _changed(self, number: int) -> Change:
        plan = self.world.plan
        before = self._last.get(number)
        severity = ("high", "medium")[plan.draw(2)]
        if before is None or before.verb == "withdrawn":
            revision = 1 if before is None else before.revision + 1
            return Change(number, "raised", revision, severity, 1)
        what = plan.draw(4)
        if what == 3:
            return Change(number, "withdrawn", before.revision + 1, before.severity, before.facts)
        # What rests on the same facts says something else of them.
        facts = before.facts + (what == 1)
        return Change(number, "revised", before.revision + 1, severity, facts)

    def _announce(self, change: Change, times: int = 1) -> UUID:
        kafka = self.world.kafka
        self._last[change.number] = change
        home = {"household_no": f"H{change.number}", "village": change.village}
        self.world.postgres.put(tables.HOME, (change.number,), home)
        event_id, key, value, headers = _record(change)
        self._changes[event_id] = change
        partition = kafka.partition_of(TOPIC, key)
        for _ in range(times):
            kafka.append(TOPIC, partition, key, value, headers)
            self._on_log[TOPIC, partition].append(event_id)
        return event_id

    def _import(self) -> set[UUID]:
        """Announce at once, of as many new households in each partition, what concerns everybody."""
        number = max([SUBJECTS - 1, *self._last]) // 2 * 2 + 1
        left = dict.fromkeys(range(2), IMPORTED)
        said = set()
        while any(left.values()):
            number += 2
            change = Change(number, "raised", 1, "high", 1)
            partition = self.world.kafka.partition_of(TOPIC, _record(change)[1])
            if left[partition]:
                left[partition] -= 1
                said.add(self._announce(change))
        self.world.say("an import is announced")
        return said

    def _snooze(self, number: int) -> None:
        seconds = _SNOOZED_SECONDS[self.world.plan.draw(2)]
        subscription = (None, 1)[self.world.plan.draw(2)]
        process = self.world.loop.process("operator")
        self._writing.add(self.world.loop.spawn(process, self._ask(number, subscription, seconds)))

    async def _ask(self, number: int, subscription: int | None, seconds: float) -> None:
        pool: Any = self.world.pool()
        patience = Patience(1000, "somebody who snoozes")
        while True:
            until = self._now() + timedelta(seconds=seconds)
            said: Any = {"subscription": subscription, "until": until, "reason": "核实中", "by": "测试"}
            try:
                async with pool.acquire() as connection:
                    await snoozes.snooze(connection, anomaly_of(number), **said)
                self.world.say(f"anomaly {number} is snoozed for {seconds:g} s")
                return
            except SubscriptionError:
                return
            except Exception as error:
                await patience.wait(error)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(EPOCH + self.world.loop.time(), UTC)

    async def receiver(self, name: str) -> None:
        """Let an office be in another mood."""
        receivers = [*self.world.receivers.values()]
        one = receivers[self.world.plan.draw(len(receivers))]
        self.world.say(one.turn(self.world.plan.draw(6)))

    async def set_clock(self, name: str) -> None:
        """Set the clock of a worker, a little wrong."""
        process = self.world.workers[name]
        process.clock = _CLOCKS[self.world.plan.draw(len(_CLOCKS))]
        self._wrong_by = max(self._wrong_by, process.clock)
        self.world.say(f"the clock of {process.name} is {process.clock:g} s wrong")

    acts = (*Scenario.acts[:-1], set_clock, receiver, receiver, receiver)

    def up(self) -> None:
        """Servers and offices are there, and clocks right."""
        super().up()
        for one in self.world.receivers.values():
            one.turn(0)
        for process in self.world.workers.values():
            process.clock = 0.0

    # What must hold at every commit and request

    def _committed(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        self._below_offsets(written)
        self._decided(written)
        self._told(written)
        self._delivered(written)

    def _below_offsets(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        """What lies below an offset is kept."""
        for row in written.get("platform.offset", {}).values():
            if row is None or (row["pipeline"], row["version"]) != (handler.NAME, handler.VERSION):
                continue
            place = row["topic"], row["partition"]
            for event_id in self._on_log[place][self._next[place] : row["next_offset"]]:
                if self.world.postgres.latest(tables.ANNOUNCEMENT, (event_id,)) is None:
                    self.world.wrong(f"a change below the offset of {place} is not kept")
            self._next[place] = row["next_offset"]

    def _decided(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        """Whom a change concerns is known in the moment in which it is decided."""
        items = written.get(tables.ITEM, {})
        for key, row in written.get(tables.ANNOUNCEMENT, {}).items():
            if row is None or row["place"] is None:
                continue
            change = self._changes[row["event_id"]]
            if row["village"] != change.village:
                self.world.wrong("a change is decided, and where its household lives is not known")
            for one in SUBSCRIBED:
                if ((one.number, *key) in items) != change.concerns(one):
                    self.world.wrong(f"whether a change concerns {one.number} is decided wrongly")

    def _told(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        """A notice comes with what it is made of, which is told once and at its time."""
        made: dict[int, set[UUID]] = defaultdict(set)
        for (number, event_id), row in written.get(tables.ITEM, {}).items():
            if row is None or row["notice"] is None:
                continue
            before = self._versions(tables.ITEM, (number, event_id))
            if before is not None and before["notice"] not in (None, row["notice"]):
                self.world.wrong("a change is told twice")
            if row["snooze"] is not None:
                self.world.wrong("a change is told that is held back")
            made[row["notice"]].add(event_id)
        for row in written.get(tables.NOTICE, {}).values():
            assert row is not None
            if row["place"] in self._notices:
                continue
            items = made.pop(row["place"], set())
            if not items or row["content"]["announcements"] != len(items):
                self.world.wrong(f"a notice of {row['content']['announcements']} changes tells {len(items)}")
            self._items[row["place"]] = items
        if made:
            self.world.wrong("a change is in a notice that was made without it")

    def _versions(self, table: str, key: Key) -> Row | None:
        """A row as it was before the commit of this moment."""
        versions = self.world.postgres.tables[table].get(key, [])
        return versions[-2][1] if len(versions) > 1 else None

    def _delivered(self, written: Mapping[str, Mapping[Key, Row | None]]) -> None:
        """Who is asked was claimed; what is delivered was taken, and is sent no more."""
        attempts = [row for row in written.get(tables.ATTEMPT, {}).values() if row is not None]
        for row in written.get(tables.NOTICE, {}).values():
            assert row is not None
            before = self._notices.get(row["place"])
            name = str(row["id"])
            if before is not None:
                if before["state"] == "delivered":
                    self.world.wrong("a notice that is delivered goes on its way again")
                if row["tries"] not in (before["tries"], before["tries"] + 1):
                    self.world.wrong("attempts are forgotten")
                early = before["due_at"] - self._now()
                if row["tries"] > before["tries"] and early > timedelta(seconds=self._wrong_by):
                    self.world.wrong("a notice is claimed that was not due, or that another worker has")
            if row["state"] == "delivered":
                if name not in self.world.receivers[self._host(row)].taken:
                    self.world.wrong("a notice is delivered that nobody has taken")
                if not any(
                    (one["notice"], one["outcome"]) == (row["place"], "delivered") for one in attempts
                ):
                    self.world.wrong("a notice is delivered, and the attempt is not on record")
            self._notices[row["place"]] = self._by_id[name] = row

    def _host(self, notice: Row) -> str:
        host = next(one.host for one in SUBSCRIBED if one.number == notice["subscription"])
        return host or ""

    def _heard(self, receiver: ModelReceiver, headers: httpx.Headers, body: bytes, status: int) -> None:
        """Check what comes to an office."""
        name, at = headers["webhook-id"], int(headers["webhook-timestamp"])
        row = self._by_id.get(name)
        if row is None or self._host(row) != receiver.name:
            self.world.wrong(f"{receiver.name} is told what was never committed for it")
            return
        if headers["webhook-signature"] != signature(key_of(SECRET), row["id"], at, body):
            self.world.wrong(f"what {receiver.name} is told has a wrong signature")
        if receiver.taken.get(name, body) != body:
            self.world.wrong(f"{receiver.name} is told something else under the same id")
        self._asked[name] += 1
        if self._asked[name] > row["tries"]:
            self.world.wrong(f"{receiver.name} is asked, and nobody had claimed that")
        if self._import_begins and row["place"] > self._import_begins and self._asked[name] > 1:
            self.world.wrong(f"{receiver.name} is told twice, and nothing had failed")

    # At rest

    def unsettled(self) -> str | None:
        """All is decided and told; then an import comes, and that is told as well."""
        reason = self._moving()
        if reason is None and not self._imported:
            self._import_begins = max(self._notices, default=0) or 1
            for one in self.world.receivers.values():
                # Long enough for others to look at what is on its way.
                one.pause = 1.0
            self._imported = self._import()
            self.world.kafka.tell()
            return "an import waits"
        return reason

    def _moving(self) -> str | None:
        postgres = self.world.postgres
        if any(not task.done() for task in self._writing):
            return "somebody snoozes"
        for place, log in self.world.kafka.logs.items():
            if self._next[place] < len(log):
                return f"{place} is taken up to {self._next[place]} of {len(log)}"
        if any(row["place"] is None for row in postgres.rows(tables.ANNOUNCEMENT)):
            return "changes are not decided"
        lasting = self._lasting()
        soon = self._now() + timedelta(seconds=600)
        for row in postgres.rows(tables.ITEM):
            if row["notice"] is None:
                snooze = lasting.get(row["snooze"])
                if snooze is None or snooze["until"] < soon:
                    return "changes are not told"
        if any(row["state"] == "due" for row in self._notices.values()):
            return "notices are due"
        return None

    def _lasting(self) -> dict[int, Row]:
        rows = self.world.postgres.rows(tables.SNOOZE)
        return {row["number"]: row for row in rows if row["ended_at"] is None}

    def check(self) -> None:
        """Changes in = changes told, to each subscription and on each day; and each is said as it is."""
        for one in SUBSCRIBED:
            self._balanced(one)
            self._bounded(one)
            if one.host is not None:
                self._taken(self.world.receivers[one.host], one)
        self._snoozes()

    def _balanced(self, one: Subscribed) -> None:
        postgres = self.world.postgres
        announced = {row["event_id"]: row for row in postgres.rows(tables.ANNOUNCEMENT)}
        concerned = {event_id for event_id, change in self._changes.items() if change.concerns(one)}
        expected = Counter(announced[event_id]["decided_at"].date() for event_id in concerned)
        kinds = {place: row["kind"] for place, row in self._notices.items()}
        items = [row for row in postgres.rows(tables.ITEM) if row["subscription"] == one.number]
        counts: dict[str, Counter[Any]] = defaultdict(Counter)
        for row in items:
            kind = "snoozed" if row["notice"] is None else kinds[row["notice"]]
            counts[kind][announced[row["event_id"]]["decided_at"].date()] += 1
        out = sum(counts.values(), Counter())
        if out != expected or {row["event_id"] for row in items} != concerned:
            self.world.wrong(f"{expected} concern {one.number}, {dict(counts)} were told")
        for notice in self._of(one):
            self._said(notice)

    def _of(self, one: Subscribed) -> list[Row]:
        return [row for _, row in sorted(self._notices.items()) if row["subscription"] == one.number]

    def _said(self, notice: Row) -> None:
        """A notice is of one subject and says the latest of each anomaly; a digest counts all of it."""
        content = notice["content"]
        changes = [self._changes[event_id] for event_id in self._items[notice["place"]]]
        if notice["kind"] == "digest":
            said = Counter[Any]()
            for one in content["counts"]:
                said[one["village"], one["severity"], one["verb"]] += one["count"]
            if said != Counter((one.village, one.severity, one.verb) for one in changes):
                self.world.wrong("a digest counts something else than what it is made of")
            return
        latest = max(changes, key=lambda one: one.revision)
        if {one.number for one in changes} != {latest.number}:
            self.world.wrong("a notice is of several subjects")
        [told] = content["findings"]
        if (told["anomaly_id"], told["revision"]) != (str(anomaly_of(latest.number)), latest.revision):
            self.world.wrong("a notice says something else than the latest")

    def _bounded(self, one: Subscribed) -> None:
        """No storm: so many notices in a window, whatever comes; and the last import is one digest."""
        made = [row["made_at"] for row in self._of(one) if row["kind"] == "notice"]
        # Two windows may meet, and clocks are not one.
        short = BOUNDS.window - timedelta(seconds=2 * max(_CLOCKS))
        if any(sum(at <= other < at + short for other in made) > 2 * BOUNDS.most for at in made):
            self.world.wrong(f"{one.number} is told more than a window has")
        imported = {event_id for event_id in self._imported if self._changes[event_id].concerns(one)}
        told = {row["place"] for row in self._of(one) if self._items[row["place"]] & imported}
        kinds = {self._notices[place]["kind"] for place in told}
        if len(told) != 1 or kinds != {"digest"}:
            self.world.wrong(f"an import is told to {one.number} in {len(told)} notices")

    def _taken(self, receiver: ModelReceiver, one: Subscribed) -> None:
        taken = {name: orjson.loads(body)["data"] for name, body in receiver.taken.items()}
        if taken != {str(row["id"]): row["content"] for row in self._of(one)}:
            self.world.wrong(f"{receiver.name} has not what was told")

    def _snoozes(self) -> None:
        """What is held back rests on what was snoozed; a snooze ends with other evidence, never before."""
        postgres = self.world.postgres
        announced = postgres.rows(tables.ANNOUNCEMENT)
        decided = sorted({self._decided_in(row) for row in announced})
        snoozed = {row["number"]: row for row in postgres.rows(tables.SNOOZE)}
        for number, snooze in snoozed.items():
            mine = [row for row in announced if row["anomaly_id"] == snooze["anomaly_id"]]
            changed = [row for row in mine if row["evidence"] != snooze["evidence"]]
            # Who decides one at a time has seen the snooze where somebody else has decided since it was made.
            since = next((one for one in decided if one > self._committed_at(number)), decided[-1])
            if snooze["ended_at"] is None and any(self._decided_in(row) > since for row in changed):
                self.world.wrong("a snooze lasts, and the evidence is another one")
            if snooze["ended_why"] == "evidence" and not changed:
                self.world.wrong("a snooze has ended, and the evidence is the same")
        for item in postgres.rows(tables.ITEM):
            if item["notice"] is None:
                snooze = snoozed[item["snooze"]]
                change = self._changes[item["event_id"]]
                if change.evidence != snooze["evidence"]:
                    self.world.wrong("a change is held back that rests on other facts")

    def _committed_at(self, snooze: int) -> int:
        return self.world.postgres.tables[tables.SNOOZE][snooze,][0][0]

    def _decided_in(self, announcement: Row) -> int:
        """The commit in which a change was decided."""
        versions = self.world.postgres.tables[tables.ANNOUNCEMENT][announcement["event_id"],]
        return next(number for number, row in versions if row is not None and row["place"] is not None)
