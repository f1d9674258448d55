"""PostgreSQL: connections and pools."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import asyncpg
import orjson

_SEPARATOR = "\x1f"

TEXTS = "(string_to_array({}::text, E'\\x1f'))[2:]"
"""The array that ``texts`` wrote into a parameter, as an expression: ``TEXTS.format("$1")``."""


def texts(values: Collection[str]) -> str:
    """Return many texts as one parameter, which the driver sends several times faster than an array.

    Raises ValueError for a text with a control character that no number or name may have.
    """
    joined = _SEPARATOR.join(["", *values])
    if joined.count(_SEPARATOR) != len(values):
        raise ValueError("a text has the character U+001F, which stands between texts")
    return joined


class Asked(Protocol):
    """What executes statements: a connection, or a pool with connections of its own."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run statements; return the last one's tag."""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Return all rows."""

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """Return the first row, or None."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value of the first row, or None."""

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        """Run a statement for many arguments."""


class Connection(Asked, Protocol):
    """A connection to PostgreSQL: asyncpg's, of a pool or not."""

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[Any]],
        columns: Sequence[str] | None = None,
        schema_name: str | None = None,
    ) -> str:
        """Add many rows."""

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        """Begin a transaction, or a savepoint inside one."""

    def cursor(self, query: str, *args: Any) -> Awaitable[Any]:
        """Return a cursor, for the transaction that is open; its ``fetch(n)`` returns the next rows."""

    def is_closed(self) -> bool:
        """Whether it is closed."""


class Pool(Asked, Protocol):
    """A pool of connections."""

    def acquire(self, *, timeout: float | None = None) -> AbstractAsyncContextManager[Connection]:
        """Lend a connection."""

    async def close(self) -> None:
        """Close every connection."""

    def terminate(self) -> None:
        """Close every connection at once."""


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()


async def prepare(connection: asyncpg.Connection) -> None:
    """Make a connection speak JSON as Python values."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
        )


KEEPALIVE = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
"""A machine that vanished never says goodbye: its session, and with it its locks, ends after seconds."""

_LIVELY = {
    **KEEPALIVE,
    # Of a worker that was frozen in the middle of a transaction, whoever takes over waits for no longer.
    "idle_in_transaction_session_timeout": "8s",
    "lock_timeout": "5s",
}
_KEEPALIVE_OPTIONS = {"TCP_KEEPIDLE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 5000}


_HOST_SECONDS = 3.0
"""How long each of several servers may need before the next one is tried."""

_answered: dict[str, int] = {}
"""Which of several servers was the right one last time, by address."""


async def connect(url: str, *, timeout: float = 60.0, **more: Any) -> asyncpg.Connection:  # noqa: ASYNC109
    """Return asyncpg's connection, of several servers to the first that is what the address asks for.

    asyncpg has one time for all of them: a machine that vanished, and does not even refuse, would use it up.
    """
    hosts = _hosts(url)
    if len(hosts) < 2:
        return await asyncpg.connect(url, timeout=timeout, **more)
    first, error = _answered.get(url, 0), Exception()
    for at in (*range(first, len(hosts)), *range(first)):
        host, port = hosts[at]
        try:
            connection = await asyncpg.connect(
                url, host=host, port=port, timeout=min(timeout, _HOST_SECONDS), **more
            )
        except (*_NOT_THIS_ONE, OSError, TimeoutError) as reason:
            error = reason
        else:
            _answered[url] = at
            return connection
    raise error


_NOT_THIS_ONE = (asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


@lru_cache
def _hosts(url: str) -> tuple[tuple[str, int], ...]:
    places = urlsplit(url).netloc.rpartition("@")[2].split(",")
    parts = [urlsplit(f"//{place}") for place in places]
    return tuple((part.hostname or "", part.port or 5432) for part in parts)


async def open_pool(
    url: str,
    *,
    size: int = 4,
    schema: str | None = None,
    lively: bool = False,
    planner: Mapping[str, str] | None = None,
) -> asyncpg.Pool:
    """Return a pool of at most ``size`` connections, with ``schema`` first in their search path.

    ``planner``: PostgreSQL's settings for the plans of all their statements.
    ``lively``: for those who hold locks that others wait for: a statement that waits for a lock gives up
    after 5 s, a transaction in which nothing happens ends after 8 s, one that vanished is given up after 5.
    """
    server_settings = {"application_name": "dibao", "timezone": "Asia/Shanghai"}
    if schema is not None:
        server_settings["search_path"] = schema
    if lively:
        server_settings |= _LIVELY
    server_settings |= planner or {}
    return await asyncpg.create_pool(
        url,
        connect=connect,
        min_size=1,
        max_size=size,
        init=_prepare_lively if lively else prepare,
        reset=_nothing_to_reset if lively else None,
        server_settings=server_settings,
        command_timeout=600,
    )


async def _nothing_to_reset(connection: asyncpg.Connection) -> None:
    """Save a statement for every transaction."""


async def _prepare_lively(connection: asyncpg.Connection) -> None:
    await prepare(connection)
    peer = connection._transport.get_extra_info("socket")
    if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE_OPTIONS.items():
            if (option := getattr(socket, name, None)) is not None:
                peer.setsockopt(socket.IPPROTO_TCP, option, value)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give one connection, and close it. Raises at once where no server answers."""
    connection = await retry_connect(url, seconds=0)
    try:
        yield connection
    finally:
        await connection.close()


async def retry_connect(url: str, *, seconds: float = 30) -> asyncpg.Connection:
    """Return a connection, waiting up to ``seconds`` for a server that is starting."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            connection = await connect(url, timeout=10)
        except (OSError, *_NOT_THIS_ONE):
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            await prepare(connection)
            return connection
