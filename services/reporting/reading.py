"""One reading of the projection: one generation, one snapshot, no more rights than the reader role has."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import TypeVar

import asyncpg

from projections.schema import PIPELINE, POSITIONS, READER, answers, schema_name
from services.platform.database import Connection

T = TypeVar("T")

_GONE = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.InvalidSchemaNameError)
_ATTEMPTS = 5
_ANSWERS = """
SELECT obj_description(oid, 'pg_namespace') LIKE '%, answers ' || $2 FROM pg_namespace WHERE nspname = $1
"""


class NotThereError(Exception):
    """What was asked for cannot be answered yet, or not any more; the message is a sentence for a person."""


class DayNotClosedError(NotThereError):
    """The day asked for as ``as_of`` has no cut, or the projection has not read up to it yet."""


class UnknownHouseholdError(NotThereError):
    """Nothing was ever recorded of the household that is asked after."""

    def __init__(self, household_no: str) -> None:
        super().__init__(f"There is no household {household_no}: nothing is recorded of it (yet).")
        self.household_no = household_no


class NoProjectionError(NotThereError):
    """There is no projection that this code can read."""


async def reading(pool: asyncpg.Pool, ask: Callable[[Connection], Awaitable[T]]) -> T:
    """Return what ``ask`` returns, on a read-only snapshot of the live generation.

    A rebuild may drop the generation between the finding of its name and the reading; then it is asked again.
    """
    for attempt in range(_ATTEMPTS):
        try:
            async with snapshot(pool) as connection:
                return await ask(connection)
        except _GONE:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Give a connection in a read-only transaction on the live generation. Raises NoProjectionError."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        try:
            generation = await connection.fetchval(
                "SELECT live FROM platform.generation WHERE name = 'projection'"
            )
        except _GONE:
            generation = None
        if generation is None:
            raise NoProjectionError(
                "There is no projection yet: start the projector (`dibao serve projector`)."
            )
        if not await connection.fetchval(_ANSWERS, schema_name(generation), answers()):
            raise NoProjectionError(
                "The projection does not answer as this code asks: where older code has made it, `dibao up` "
                "rebuilds it; where this process runs older code, `dibao restart reporting` starts it anew."
            )
        await connection.execute(
            f"SET LOCAL ROLE {READER};"
            f"SET LOCAL search_path TO {schema_name(generation)};"
            # The questions have parameters that may be NULL: a plan for any value would be a bad one for all.
            "SET LOCAL plan_cache_mode TO force_custom_plan;"
            "SET LOCAL jit TO off"
        )
        yield connection


async def require_closed(connection: Connection, as_of: date | None) -> None:
    """Raise DayNotClosedError where ``as_of`` has no cut, or one that is not read up to yet."""
    if as_of is None:
        return
    cut = await connection.fetch("SELECT topic, partition, next_offset FROM day_cut($1)", as_of)
    if not cut:
        raise DayNotClosedError(
            f"{as_of} is not closed, or the projector has not read its closing yet: "
            "name a closed day, or leave as_of out for all that is recorded."
        )
    rows = await connection.fetch(
        'SELECT topic, partition, next_offset FROM platform."offset" WHERE pipeline = $1 AND version = $2',
        PIPELINE,
        POSITIONS,
    )
    read = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    behind = sum(max(0, row["next_offset"] - read.get((row["topic"], row["partition"]), 0)) for row in cut)
    if behind:
        raise DayNotClosedError(
            f"{as_of} is closed, but the projector has {behind} records to read up to it: ask again soon."
        )
