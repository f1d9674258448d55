"""Of several servers that an address names, the one that is written to is found, whatever the others do."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from services.platform.database import connect, open_pool, retry_connect
from services.platform.failure import is_infrastructure
from tests.ports import free_port


@pytest.fixture
async def silent() -> AsyncIterator[int]:
    """The port of a server that takes connections and says nothing: a machine that vanished is like that."""
    gone = asyncio.Event()

    async def say_nothing(_: object, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    gone.set()
    server.close()


def with_hosts(database: str, *before: int) -> str:
    """The address of the database behind those of other servers."""
    parts = urlsplit(database)
    user, _, place = parts.netloc.rpartition("@")
    hosts = ",".join([*(f"127.0.0.1:{port}" for port in before), place.split(",")[-1]])
    return urlunsplit(parts._replace(netloc=f"{user}@{hosts}", query="target_session_attrs=read-write"))


async def test_one_that_refuses_and_one_that_is_silent_are_passed_over(database: str, silent: int) -> None:
    address = with_hosts(database, free_port(), silent)
    began = time.monotonic()
    connection = await retry_connect(address, seconds=0)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert time.monotonic() - began < 8
    # Who answered is asked first the next time.
    began = time.monotonic()
    pool = await open_pool(address)
    assert await pool.fetchval("SELECT 1") == 1
    await pool.close()
    assert time.monotonic() - began < 2.5


async def test_where_nobody_is_written_to_it_is_waited_for(database: str) -> None:
    administrator = await connect(database)
    name = await administrator.fetchval("SELECT current_database()")
    await administrator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    address = with_hosts(database, free_port())
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched) as caught:
        await retry_connect(address, seconds=0)
    assert is_infrastructure(caught.value)
    waiting = asyncio.ensure_future(retry_connect(address, seconds=20))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    await administrator.execute("SET default_transaction_read_only = off")
    await administrator.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await (await waiting).close()
    await administrator.close()
