"""The model of PostgreSQL is PostgreSQL, as far as dibao asks it: what is done to both, both answer alike.

Each case returns what it saw. Moments between its steps are a fifth of a second; in the model, of its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import MetaData

from services.platform import offsets
from services.platform.database import open_pool
from services.platform.offsets import Mark
from services.platform.outbox import Message, enqueue, outbox_table
from services.platform.tables import create_tables, ddl
from tests.simulation.choices import Choices
from tests.simulation.world import World, inside, seams

Case = Callable[[Any], Awaitable[Any]]
MOMENT = 0.2
PLACE, OTHER = ("s.payments", 0), ("s.payments", 1)
_ROWS = 'select id, subject, topic, key, value, headers from "owner".outbox order by id limit 1000'
_COUNT = "update subject set count = count + 1 where name = $1 returning count"


def at(offset: int) -> dict[Any, tuple[int, int]]:
    """A move of one partition by one."""
    return {PLACE: (offset, offset + 1)}


MARKS = {PLACE: Mark(UUID(int=1), 3, UUID(int=2)), OTHER: Mark(None, None, None)}


async def begun(pool: Any) -> None:
    async with pool.acquire() as connection:
        await offsets.begin(connection, "p", 1, {PLACE: 5, OTHER: 7})


async def moved(connection: Any, offset: int) -> bool:
    return await offsets.compare_and_set(connection, "p", 1, at(offset), MARKS)


async def positions_begin_once_and_others_wait_to_see_it(pool: Any) -> Any:
    async with pool.acquire() as first, pool.acquire() as second:
        transaction = first.transaction()
        await transaction.__aenter__()
        seen = [await offsets.begin(first, "p", 1, {PLACE: 5, OTHER: 7})]
        later = asyncio.ensure_future(offsets.begin(second, "p", 1, {PLACE: 9}))
        await asyncio.sleep(MOMENT)
        waited = not later.done()
        seen.append(await offsets.positions(pool, "p", 1))
        await transaction.__aexit__(None, None, None)
        return waited, seen, await later, await offsets.positions(second, "p", 1)


async def whoever_compares_waits_and_then_sees_what_was_committed(pool: Any) -> Any:
    await begun(pool)
    found = []
    for commits in (True, False):
        now = (await offsets.positions(pool, "p", 1))[PLACE]
        async with pool.acquire() as first, pool.acquire() as second:
            with_error: Any = (None, None, None) if commits else (ValueError, ValueError(), None)
            transaction = first.transaction()
            await transaction.__aenter__()
            found.append(await moved(first, now))
            later = asyncio.ensure_future(moved(second, now))
            await asyncio.sleep(MOMENT)
            found.append(later.done())
            await transaction.__aexit__(*with_error)
            found.append(await later)
    async with pool.acquire() as connection:
        return found, await offsets.positions(pool, "p", 1), await offsets.marks_of(connection, "p", 1)


async def marks_are_noted_where_there_are_none(pool: Any) -> Any:
    await begun(pool)
    async with pool.acquire() as connection:
        await moved(connection, 5)
        other = Mark(UUID(int=8), 6, UUID(int=9))
        await offsets.set_marks(connection, "p", 1, {PLACE: other, OTHER: other})
        return await offsets.marks_of(connection, "p", 1)


async def one_cluster_is_remembered(pool: Any) -> Any:
    async with pool.acquire() as connection:
        return [await offsets.remember_cluster(connection, name) for name in ("first", "second")]


async def what_is_rolled_back_was_never_there_and_nobody_saw_it(pool: Any) -> Any:
    seen = []
    async with pool.acquire() as first:
        for error in (ValueError(), None):
            try:
                async with first.transaction():
                    await first.copy_records_to_table(
                        "effect",
                        records=[("f", "t", 0, 1)],
                        columns=["serial", "topic", "partition", "place"],
                    )
                    seen.append(len(await pool.fetch("select serial, place from effect order by arrival")))
                    if error is not None:
                        raise error
            except ValueError:
                pass
            seen.append(len(await pool.fetch("select serial, place from effect order by arrival")))
    return seen


async def a_row_that_waits_is_read_again(pool: Any) -> Any:
    async def count() -> int:
        async with pool.acquire() as connection, connection.transaction():
            found = await connection.fetchval(_COUNT, "a")
            await asyncio.sleep(MOMENT / 2)
            return int(found)

    return sorted(await asyncio.gather(*(count() for _ in range(3)))), await pool.fetchval(_COUNT, "nobody")


async def who_goes_round_in_a_circle_is_told(pool: Any) -> Any:
    async def both(first: str, second: str) -> str:
        try:
            async with pool.acquire() as connection, connection.transaction():
                await connection.fetchval(_COUNT, first)
                await asyncio.sleep(MOMENT)
                await connection.fetchval(_COUNT, second)
        except asyncpg.DeadlockDetectedError:
            return "deadlock"
        return "done"

    found = sorted(await asyncio.gather(both("a", "b"), both("b", "a")))
    return found, await pool.fetchval(_COUNT, "a"), await pool.fetchval(_COUNT, "b")


async def after_an_error_a_transaction_is_over_and_its_locks_free(pool: Any) -> Any:
    async with pool.acquire() as first, pool.acquire() as second:
        transaction = first.transaction()
        await transaction.__aenter__()
        await first.fetchval(_COUNT, "a")
        waits = second.transaction()
        await waits.__aenter__()
        await second.fetchval(_COUNT, "b")
        told = asyncio.ensure_future(first.fetchval(_COUNT, "b"))
        await asyncio.sleep(MOMENT)
        other = asyncio.ensure_future(second.fetchval(_COUNT, "a"))
        said = await asyncio.gather(told, other, return_exceptions=True)
        victim = first if isinstance(said[0], Exception) else second
        with pytest.raises(asyncpg.InFailedSQLTransactionError):
            await victim.fetchval(_COUNT, "a")
        for block in (transaction, waits):
            await block.__aexit__(ValueError, ValueError(), None)
        return sorted(isinstance(one, asyncpg.DeadlockDetectedError) for one in said)


async def a_shared_lock_waits_for_him_who_has_it_alone(pool: Any) -> Any:
    shared, alone = "select pg_advisory_xact_lock_shared($1)", "select pg_advisory_xact_lock($1)"
    seen = []
    async with pool.acquire() as first, pool.acquire() as second:
        for one, other in ((shared, shared), (shared, alone), (alone, shared)):
            transaction = first.transaction()
            await transaction.__aenter__()
            await first.execute(one, 77)
            later = asyncio.ensure_future(second.execute(other, 77))
            await asyncio.sleep(MOMENT)
            seen.append(later.done())
            await transaction.__aexit__(None, None, None)
            await later
    return seen


async def an_outbox_gives_numbers_that_no_rollback_takes_back(pool: Any) -> Any:
    def messages(*names: str) -> list[Message]:
        return [Message(name, "t", name.encode(), b"v", [("h", b"1")]) for name in names]

    async with pool.acquire() as first, pool.acquire() as second:
        slow = first.transaction()
        await slow.__aenter__()
        await enqueue(first, messages("a", "b"))
        try:
            async with second.transaction():
                await enqueue(second, messages("lost"))
                raise ValueError
        except ValueError:
            pass
        await enqueue(second, messages("c"))
        before = [tuple(row) for row in await pool.fetch(_ROWS)]
        await slow.__aexit__(None, None, None)
        after = [tuple(row) for row in await pool.fetch(_ROWS)]
        await pool.execute('delete from "owner".outbox where id = any($1::bigint[])', [after[0][0], 99])
        return before, after, [row["subject"] for row in await pool.fetch(_ROWS)]


async def a_sessions_lock_is_one_relays(pool: Any) -> Any:
    asked = "select pg_try_advisory_lock(hashtextextended($1, 0))"
    async with pool.acquire() as first, pool.acquire() as second:
        found = [await first.fetchval(asked, "x"), await second.fetchval(asked, "x")]
        found.append(await second.fetchval(asked, "y"))
        first.terminate()
        await asyncio.sleep(MOMENT)
        return [*found, await second.fetchval(asked, "x")]


CASES: tuple[Case, ...] = (
    positions_begin_once_and_others_wait_to_see_it,
    whoever_compares_waits_and_then_sees_what_was_committed,
    marks_are_noted_where_there_are_none,
    one_cluster_is_remembered,
    what_is_rolled_back_was_never_there_and_nobody_saw_it,
    a_row_that_waits_is_read_again,
    who_goes_round_in_a_circle_is_told,
    after_an_error_a_transaction_is_over_and_its_locks_free,
    a_shared_lock_waits_for_him_who_has_it_alone,
    an_outbox_gives_numbers_that_no_rollback_takes_back,
    a_sessions_lock_is_one_relays,
)


def on_model(case: Case) -> Any:
    """Do it to the model: without faults, and with no delays."""
    world = World(Choices(replay=()), Choices(replay=()), {})
    for name in "ab":
        world.postgres.put("subject", (name,), {"name": name, "count": 0})
    with inside(world):
        return world.loop.run(_of(case, world))


async def _of(case: Case, world: World) -> Any:
    return await case(world.pool(6))


@asynccontextmanager
async def real_pool(database: str) -> AsyncIterator[Any]:
    pool = await open_pool(database, size=6, schema="owner", lively=True)
    async with pool.acquire() as connection:
        await create_tables(connection)
        await connection.execute(f"create schema owner; {ddl([outbox_table(MetaData())])}")
        await connection.execute(
            "create table effect (arrival bigserial, serial text, topic text, partition int, place bigint);"
            "create table subject (name text primary key, count int not null);"
            "insert into subject values ('a', 0), ('b', 0)"
        )
    yield pool
    await pool.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_model_and_server_say_the_same(database: str, case: Case) -> None:
    with seams():
        expected = on_model(case)
    async with real_pool(database) as pool:
        assert await case(pool) == expected


def test_the_model_does_not_guess() -> None:
    """A statement that it does not know stops it, rather than being taken for another one."""
    world = World(Choices(replay=()), Choices(replay=()), {})
    with pytest.raises(NotImplementedError, match="select 1 from nothing"):
        world.postgres.statement("select 1  from nothing")
