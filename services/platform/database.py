"""PostgreSQL: pools and declared tables."""

import asyncio
from collections.abc import Iterable

import asyncpg
import orjson
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()


async def prepare(connection: asyncpg.Connection) -> None:
    """Make a connection speak JSON as Python values."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
        )


async def open_pool(url: str, *, size: int = 4, schema: str | None = None) -> asyncpg.Pool:
    """Return a pool of at most ``size`` connections, with ``schema`` first in their search path."""
    server_settings = {"application_name": "dibao", "timezone": "Asia/Shanghai"}
    if schema is not None:
        server_settings["search_path"] = schema
    return await asyncpg.create_pool(
        url, min_size=1, max_size=size, init=prepare, server_settings=server_settings, command_timeout=600
    )


def ddl(tables: Iterable[Table]) -> str:
    """Return the SQL that creates declared tables and their indexes, where they are not there yet.

    Names are not qualified: the search path says which schema.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements: list[str] = []
    for table in tables:
        statements.append(str(CreateTable(table, if_not_exists=True).compile(dialect=dialect)))
        statements.extend(
            str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        )
    return ";\n".join(statements) + ";"


async def retry_connect(url: str, *, seconds: float = 30) -> asyncpg.Connection:
    """Return a connection, waiting up to ``seconds`` for a server that is starting."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=10)
        except (OSError, asyncpg.CannotConnectNowError):
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            await prepare(connection)
            return connection
