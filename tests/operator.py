"""The operator of the tests' deployments, and the key."""

from typing import Any

import asyncpg

from services.platform.access import know_operator, new_key

OPERATOR_KEY = new_key("op.")


async def make_operator(database: str | Any) -> None:
    """Let a migrated database know the key; it is named by its address, or a connection or pool is given."""
    if not isinstance(database, str):
        assert await know_operator(database, OPERATOR_KEY)
        return
    connection = await asyncpg.connect(database)
    try:
        assert await know_operator(connection, OPERATOR_KEY)
    finally:
        await connection.close()
