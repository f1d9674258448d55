"""What a command asks the database of the current deployment."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
import typer

from deploy.cli.output import fail
from deploy.deployment import current, run
from services.platform.access import find_holder
from services.platform.database import open_pool

Result = TypeVar("Result")

OperatorOption = Annotated[
    str | None, typer.Option("--key", help="Your own operator's key; otherwise that of this machine.")
]
"""By whose key two people who decide something are told apart."""


def ask_database(ask: Callable[[asyncpg.Pool], Awaitable[Result]], *, size: int = 1) -> Result:
    """Run what asks the current deployment's database, with a pool of at most ``size`` connections."""

    async def work() -> Result:
        pool = await open_pool(current().settings.database_url, size=size)
        try:
            return await ask(pool)
        finally:
            await pool.close()

    return run(work())


def operator_of(key: str | None) -> tuple[str, str]:
    """Return the key of whoever gives the command, and the name that it was handed out to."""
    given = key or current().operator_key
    holder = ask_database(lambda pool: find_holder(pool, given))
    if holder is None or holder.role != "operator":
        raise fail("The key is no operator's (any more): `dibao access list` shows who is one.", 2)
    return given, holder.name
