"""Generations of the projection: which schema is live, and how one is made (``projection_g<N>``)."""

import asyncpg

from projections.schema import READER, create_generation, made_by, schema_name
from services.platform import locks
from services.platform.database import Connection
from services.platform.tables import create_tables

NAME = "projection"


class GenerationError(Exception):
    """The projection cannot be used as it is; the message says what to do."""


class OtherCodeError(GenerationError):
    """The live generation was made by other code: a rebuild puts the next in its place."""

    def __init__(self) -> None:
        super().__init__(
            "The projection was made by other code than this: "
            "run `dibao rebuild projection` (dibao up does it)."
        )


async def lock(connection: Connection) -> None:
    """Wait until nobody else writes the projection; the lock goes with the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", locks.PROJECTION)


async def live(connection: Connection) -> int | None:
    """Return the generation that is read and written, or None before the first."""
    answer: int | None = await connection.fetchval(
        "SELECT live FROM platform.generation WHERE name = $1", NAME
    )
    return answer


async def enter(connection: Connection) -> int:
    """Make the live generation the search path of this transaction. Raises GenerationError."""
    generation = await live(connection)
    if generation is None:
        raise GenerationError("There is no projection yet: start the projector.")
    await enter_generation(connection, generation)
    return generation


async def enter_generation(connection: Connection, generation: int) -> None:
    """Make a generation the search path of this transaction."""
    await connection.execute(f"SET LOCAL search_path TO {schema_name(generation)}")


async def ensure(connection: Connection) -> int:
    """Create the reader role and the first generation where they are not there yet; return the live one.

    Raises OtherCodeError where the live one was made by other code.
    """
    await create_tables(connection)
    async with connection.transaction():
        await prepare(connection)
        generation = await live(connection)
        if generation is None:
            generation = 1
            await create(connection, generation)
            await connection.execute(
                "INSERT INTO platform.generation (name, live) VALUES ($1, $2)", NAME, generation
            )
    await require_this_code(connection, generation)
    return generation


async def require_this_code(connection: Connection, generation: int) -> None:
    """Raise OtherCodeError where a generation was made by other code."""
    if not await _made_by_this_code(connection, generation):
        raise OtherCodeError


async def rebuild_due(connection: Connection) -> bool:
    """Whether the live generation was made by other code; False before the first."""
    if await connection.fetchval("SELECT to_regclass('platform.generation')") is None:
        return False
    generation = await live(connection)
    return generation is not None and not await _made_by_this_code(connection, generation)


async def prepare(connection: Connection) -> None:
    """Take the lock and make the reader role, with its rights on ``platform``; call it in a transaction."""
    await lock(connection)
    await _reader(connection)


async def create(connection: Connection, generation: int) -> None:
    """Create an empty generation; what an interrupted rebuild left under its name is dropped first."""
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema_name(generation)} CASCADE")
    await connection.execute(create_generation(generation))


async def _made_by_this_code(connection: Connection, generation: int) -> bool:
    comment: str | None = await connection.fetchval(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1",
        schema_name(generation),
    )
    return comment == made_by()


async def _reader(connection: Connection) -> None:
    # Roles belong to the server, not to the database: another deployment may make it at this moment.
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", READER):
        try:
            async with connection.transaction():
                await connection.execute(f"CREATE ROLE {READER} NOLOGIN")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            pass
        except asyncpg.InsufficientPrivilegeError:
            user = await connection.fetchval("SELECT current_user")
            raise GenerationError(
                f"The role {READER} is not there and may not be created: ask the database's administrator "
                f"for `CREATE ROLE {READER} NOLOGIN` and `GRANT {READER} TO {user}`."
            ) from None
    if await connection.fetchval("SELECT has_schema_privilege($1, 'platform', 'USAGE')", READER):
        return  # as the migrations have given it; a service's role may give none
    if not await connection.fetchval("SELECT pg_has_role($1, 'SET')", READER):
        await connection.execute(f"GRANT {READER} TO CURRENT_USER")
    await connection.execute(f"GRANT USAGE ON SCHEMA platform TO {READER}")
    await connection.execute(
        f'GRANT SELECT ON platform.generation, platform."offset", platform.rule TO {READER}'
    )
