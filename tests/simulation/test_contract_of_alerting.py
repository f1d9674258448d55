"""What alerting does to PostgreSQL's rows it does to the model's: one history, step by step on both."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import asyncpg
import httpx
import pytest

from events.codec import decode
from events.envelope import Record
from projections.schema import PIPELINE, POSITIONS
from services.alerting import deciding, delivering, notices, snoozes
from services.alerting.attempt import Attempt, Outcome
from services.alerting.deciding import Decider
from services.alerting.delivering import Deliverer
from services.alerting.handler import Taking
from services.alerting.settings import AlertingSettings
from services.alerting.subscriptions import SubscriptionError
from services.platform import offsets
from services.platform.database import open_pool
from tests.handing import hand
from tests.services.alerting.office import NOW
from tests.simulation.choices import Choices
from tests.simulation.of_alerting import SUBJECTS, SUBSCRIBED, TOPIC, Change, _record, _row
from tests.simulation.statements import alerting as tables
from tests.simulation.world import ALERTING, MASTER, World, inside, seams

_TABLES = ("announcement", "item", "notice", "attempt", "snooze", "subscription")
_UNTOLD = {"taken_at", "id", "shown", "by"}
"""Moments of the server's own, and what only people see of a subscription."""
_OF_ROW = {"snooze": {"made_at"}, "subscription": {"made_at", "name"}}

Rows = dict[str, list[str]]
Look = Callable[[], Awaitable[Rows]]


class Clock:
    """The time that both are told."""

    now_ = NOW

    @classmethod
    def now(cls, zone: Any = None) -> datetime:
        """What it is."""
        return cls.now_.astimezone(zone)

    @classmethod
    def go(cls, seconds: float) -> None:
        """Let time pass."""
        cls.now_ += timedelta(seconds=seconds)


@contextmanager
def timed() -> Iterator[None]:
    """Deliver by a clock that stands still, in no hurry, and without chance."""
    with (
        mock.patch.object(delivering, "datetime", Clock),
        mock.patch.object(delivering, "time", SimpleNamespace(monotonic=lambda: 0.0)),
        mock.patch.object(delivering, "random", SimpleNamespace(random=lambda: 0.0)),
        mock.patch.object(delivering, "_LEASE_SECONDS", 5.0),
    ):
        Clock.now_ = NOW
        yield


def _shown(table: str, row: Any) -> str:
    left_out = _UNTOLD | _OF_ROW.get(table, set())
    if table == "notice":
        left_out = left_out - {"id"}
    shown = {name: row[name] for name in sorted(row.keys()) if name not in left_out}
    return json.dumps(shown, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    return value.astimezone(NOW.tzinfo).isoformat() if isinstance(value, datetime) else str(value)


def _changes(chance: random.Random) -> list[Change]:
    """A history of a few anomalies."""
    last: dict[int, Change] = {}
    found = []
    for _ in range(70):
        number = chance.randrange(SUBJECTS)
        before = last.get(number)
        revision = 1 if before is None else before.revision + 1
        facts = 1 if before is None else before.facts + chance.randrange(2)
        verb = "raised" if before is None else chance.choice(["revised", "revised", "withdrawn"])
        last[number] = Change(number, verb, revision, chance.choice(["high", "low"]), facts)
        found.append(last[number])
    return found


def _records(changes: Sequence[Change]) -> list[Record]:
    found = []
    for offset, change in enumerate(changes):
        _, _, value, headers = _record(change)
        found.append(Record(TOPIC, change.number % 2, offset, decode(value, headers)))
    return found


class _Office(httpx.AsyncBaseTransport):
    """Answers each request of a notice otherwise: nobody knows which of two at once is the first."""

    def __init__(self) -> None:
        self._asked: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.headers["webhook-id"]
        self._asked[name] += 1
        status = random.Random(f"{name} {self._asked[name]}").choice([204, 204, 503, None, 400, 410])
        if status is None:
            raise httpx.ConnectError("nobody listens", request=request)
        return httpx.Response(status, request=request)


async def story(pool: Any, seed: str, look: Look) -> list[Rows]:
    """Take, decide, snooze and deliver in turn; what the tables had each time."""
    chance = random.Random(seed)
    records = _records(_changes(chance))
    decider = Decider(pool, pages="https://dibao.example.cn")
    deliverer = Deliverer(pool, MASTER, AlertingSettings(**{**ALERTING.model_dump(), "tries": 4}))
    seen = []
    async with httpx.AsyncClient(transport=_Office()) as client:
        while records:
            batch = records[: chance.randrange(1, 12)]
            del records[: len(batch) - chance.randrange(2)]  # the last one may come again
            async with pool.acquire() as connection, connection.transaction():
                await hand(Taking(), connection, batch)
                read = {(TOPIC, partition): batch[-1].offset + chance.randrange(2) for partition in range(2)}
                await offsets.set_position(connection, PIPELINE, POSITIONS, read)
            if chance.random() < 0.5:
                async with pool.acquire() as connection:
                    until = Clock.now() + timedelta(seconds=chance.choice([10, 10_000]))
                    more: Any = {"until": until, "reason": "核实中", "by": "测试"}
                    what: Any = batch[-1].event.data.anomaly_id
                    if chance.random() < 0.3:
                        what = batch[-1].event.data.subject
                    with suppress(SubscriptionError):  # all of it is withdrawn
                        await snoozes.snooze(connection, what, subscription=chance.choice([None, 1]), **more)
            Clock.go(chance.choice([0, 1, 5, 30]))
            await decider.step(Clock.now())
            seen.append(await look())
            for _ in range(chance.randrange(4)):
                await deliverer.step(client)
                await pool.fetchval(delivering._NEXT)
                Clock.go(chance.choice([0, 2]))
            seen.append(await look())
    return seen


_HOMES = """
create schema projection_g1;
create function projection_g1.household_village(since date, until date)
  returns table (household_no text, village text) language sql
  as $_$select * from unnest(array[{numbers}], array[{villages}])$_$;
insert into platform.generation (name, live) values ('projection', 1)
  on conflict (name) do update set live = 1;
"""


def _homes() -> dict[str, str]:
    changes = (Change(number, "", 0, "", 0) for number in range(SUBJECTS))
    return {f"H{one.number}": one.village for one in changes}


@asynccontextmanager
async def real(database: str) -> AsyncIterator[Any]:
    """PostgreSQL, with subscriptions as the model has them, and what is asked of the projection."""
    pool = await open_pool(database, size=4, lively=True)
    try:
        homes = {
            name: ", ".join(f"$${one}$$" for one in said)
            for name, said in (("numbers", _homes()), ("villages", _homes().values()))
        }
        await pool.execute(_HOMES.format(**homes))
        await pool.execute("delete from alerting.subscription")
        for one in SUBSCRIBED:
            row = {**_row(one), "by": "测试"}
            names = ", ".join(row)
            values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            await pool.execute(
                f"insert into alerting.subscription ({names}) values ({values})", *row.values()
            )
        yield pool
    finally:
        await pool.close()


def modelled() -> World:
    """A world in which nothing fails, with the same."""
    world = World(Choices(replay=()), Choices(replay=()), {})
    for one in SUBSCRIBED:
        world.postgres.put(tables.SUBSCRIPTION, (one.number,), _row(one))
    for number, village in _homes().items():
        world.postgres.put(tables.HOME, (number,), {"household_no": number, "village": village})
    world.postgres.put("platform.generation", ("projection",), {"name": "projection", "live": 1})
    return world


@pytest.mark.parametrize("seed", ["a", "c", pytest.param("e", marks=pytest.mark.slow)])
async def test_a_history_leaves_the_same_rows(migrated_database: str, seed: str) -> None:
    async with real(migrated_database) as pool:

        async def of_server() -> Rows:
            return {
                name: sorted(_shown(name, row) for row in await pool.fetch(f"select * from alerting.{name}"))
                for name in _TABLES
            }

        with timed():
            expected = await story(pool, seed, of_server)
    world = modelled()

    async def of_model() -> Rows:
        rows = world.postgres.rows
        return {name: sorted(_shown(name, row) for row in rows(f"alerting.{name}")) for name in _TABLES}

    with seams(), timed(), inside(world):
        found = world.loop.run(story(world.pool(), seed, of_model))
    for step, (one, other) in enumerate(zip(found, expected, strict=True)):
        for name in _TABLES:
            assert one[name] == other[name], f"{name} after step {step}"
    _says_much(expected[-1])


def _says_much(rows: Rows) -> None:
    """All that the statements do has been done."""
    said = {name: [json.loads(one) for one in rows[name]] for name in _TABLES}
    assert {one["kind"] for one in said["notice"]} == {"notice", "digest"}
    assert {one["state"] for one in said["notice"]} >= {"shown", "delivered"}
    assert {one["outcome"] for one in said["attempt"]} >= {"delivered", "away"}
    assert {one["ended_why"] for one in said["snooze"]} >= {"evidence"}


async def two_decide_in_turn(pool: Any) -> Any:
    """One waits until the other has committed, and then finds nothing to decide."""
    records = _records(_changes(random.Random("turns")))[:3]
    async with pool.acquire() as connection, connection.transaction():
        for record in records:
            await hand(Taking(), connection, [record])
        await offsets.set_position(connection, PIPELINE, POSITIONS, {(TOPIC, 0): 99, (TOPIC, 1): 99})
    steps = await asyncio.gather(*(Decider(pool).step(NOW) for _ in range(3)))
    return sorted(one.decided for one in steps)


async def one_claims(pool: Any) -> Any:
    """Of several who saw that a notice is due one has it."""
    await _due(pool)
    rows = await pool.fetch(delivering._DUE, NOW + timedelta(hours=1), 8)
    until = NOW + timedelta(hours=2)
    asked = [row for row in rows for _ in range(3)]
    found = await asyncio.gather(
        *(pool.fetchval(delivering._CLAIM, row["place"], row["due_at"], until) for row in asked)
    )
    later = await pool.fetch(delivering._DUE, NOW + timedelta(hours=1), 8)
    return len(rows), sorted(found, key=str), len(later), await pool.fetchval(delivering._NEXT) == until


async def attempts_that_end_at_once_are_all_on_record(pool: Any) -> Any:
    """Behind the notice's row they take turns."""
    await _due(pool)
    rows = await pool.fetch(delivering._DUE, NOW + timedelta(hours=1), 1)
    deliverer = Deliverer(pool, MASTER, ALERTING)
    said = [Attempt(Outcome.AWAY, 503, "answered"), Attempt(Outcome.DELIVERED, 204, None)] * 2
    await asyncio.gather(*(deliverer._record(rows[0], one, 1, NOW, 0.0) for one in said))
    kept = await notices.attempts(pool, rows[0]["place"])
    return [one["number"] for one in kept], len(
        await pool.fetch(delivering._DUE, NOW + timedelta(hours=1), 8)
    )


async def who_is_told_twice_is_told_so(pool: Any) -> Any:
    """Neither a pair of subscription and change, nor a notice's id, can be there twice."""
    await _due(pool)
    [first, *_] = await pool.fetch(delivering._DUE, NOW + timedelta(hours=1), 8)
    said = [first["notice"], first["number"], "notice", {}, NOW, "due", None]
    try:
        await pool.fetchval(deciding._INSERT, *said)
    except asyncpg.UniqueViolationError:
        return "twice"
    return "once"


async def _due(pool: Any) -> None:
    records = _records(_changes(random.Random("due")))[:4]
    async with pool.acquire() as connection, connection.transaction():
        await hand(Taking(), connection, records)
        await offsets.set_position(connection, PIPELINE, POSITIONS, {(TOPIC, 0): 99, (TOPIC, 1): 99})
    for seconds in (0, 2, 60):
        await Decider(pool).step(NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "case",
    [
        two_decide_in_turn,
        one_claims,
        attempts_that_end_at_once_are_all_on_record,
        who_is_told_twice_is_told_so,
    ],
    ids=lambda case: case.__name__,
)
async def test_model_and_server_say_the_same(
    migrated_database: str, case: Callable[[Any], Awaitable[Any]]
) -> None:
    world = modelled()
    with seams(), timed(), inside(world):
        expected = world.loop.run(_on(case, world))
    async with real(migrated_database) as pool:
        with timed():
            assert await case(pool) == expected


async def _on(case: Callable[[Any], Awaitable[Any]], world: World) -> Any:
    return await case(world.pool())
