"""What stands between clients and a server, and fails as networks do: on purpose, when it is told to."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum

HOST = "127.0.0.1"
_CHUNK = 1 << 16
_CLIENT, _SERVER = 0, 1
"""The ends of a connection."""
_AWAY_SECONDS = 0.5
"""Until it is said that a server is away: clients that are told at once, and ask at once, take the processors
that it starts on."""
_LATE_SECONDS = 0.3
"""The longest that a piece is held back where a line is late; the next waits behind it."""
_CUT_SHARE = 0.05
"""Of the pieces on a line that is cut: with how many the connection ends."""
_PRODUCE = 0
_IDLE = b"Z\x00\x00\x00\x05I"
"""PostgreSQL's ReadyForQuery outside of a transaction: what came before it is committed."""


class Mode(StrEnum):
    """What becomes of bytes. Who answers is never heard where answers are ``lost``; ``half-open`` takes what

    a client says, hands nothing on, and says nothing: the connection seems to stand. What is ``late`` comes
    after a while; where a line is ``cut``, now and then half of a piece is the last that comes.
    """

    WHOLE = "whole"
    LOST = "answers lost"
    HALF_OPEN = "half-open"
    LATE = "late"
    CUT = "cut"


Split = Callable[[bytearray], Iterator[bytes]]
"""Takes the whole messages off the front of what one side has said."""


def as_it_comes(said: bytearray) -> Iterator[bytes]:
    """Every piece is taken for a message: who waits for each answer says no more than one at a time."""
    yield bytes(said)
    said.clear()


def framed(said: bytearray) -> Iterator[bytes]:
    """Kafka's frames, without their length."""
    while len(said) >= 4:
        end = 4 + int.from_bytes(said[:4], "big")
        if len(said) < end:
            return
        yield bytes(said[4:end])
        del said[:end]


class Strike:
    """Tells the moment at which a server has done what it was asked, and its client has not yet heard so."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    def asked(self, link: "Link", message: bytes) -> None:
        """A client has said this."""

    def answered(self, link: "Link", message: bytes) -> bool:
        """Whether this answer, which nobody has heard yet, is the one."""
        raise NotImplementedError


class Committed(Strike):
    """PostgreSQL has committed something of a role: a transaction, or a statement that is one (``tag``)."""

    def __init__(self, role: str, tag: str = "COMMIT") -> None:
        super().__init__()
        self._user = f"user\0{role}\0".encode()
        self._tag = f"{tag}".encode()

    def answered(self, link: "Link", message: bytes) -> bool:
        """Whether it says so."""
        return self._user in link.opening and self._tag in message and message.endswith(_IDLE)


class Produced(Strike):
    """Kafka has answered a Produce request with records for one of these topics."""

    def __init__(self, *topics: str) -> None:
        super().__init__()
        self._topics = [topic.encode() for topic in topics]
        self._asked: set[tuple[Link, bytes]] = set()

    def asked(self, link: "Link", message: bytes) -> None:
        """Remember the request by its number."""
        (key,) = struct.unpack_from(">h", message)
        if key == _PRODUCE and any(topic in message for topic in self._topics):
            self._asked.add((link, message[4:8]))

    def answered(self, link: "Link", message: bytes) -> bool:
        """Whether it has the number."""
        return (link, message[:4]) in self._asked


class Posted(Strike):
    """A service has accepted what was posted to it."""

    def answered(self, link: "Link", message: bytes) -> bool:
        """Whether it says so."""
        return message.startswith(b"HTTP/1.1 202 ")


class Link:
    """One connection of a client, and the one to the server that belongs to it."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self._ends = [client]
        self.opening = bytearray()
        """What the client said first."""
        self.marred = False
        """Whether bytes of it are gone."""
        self.ended: set[int] = set()
        """The ends that were told that the other says no more."""

    def add(self, server: asyncio.StreamWriter) -> None:
        """The other end."""
        self._ends.append(server)

    def half_close(self, end: int) -> None:
        """Tell the client (0) or the server (1) that the other says no more; it may still speak itself."""
        if end < len(self._ends) and not self._ends[end].is_closing() and end not in self.ended:
            self.ended.add(end)
            self._ends[end].write_eof()

    def reset(self) -> None:
        """End both with RST, as a machine that has forgotten them."""
        for end in self._ends:
            peer = end.get_extra_info("socket")
            if peer is not None and not end.is_closing():
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


class Proxy:
    """Hands on what clients and servers of a protocol say, and fails in the ways of ``Mode`` and ``Strike``.

    All places that it listens at (``listen``) fail together.
    """

    def __init__(
        self, name: str, split: Split = as_it_comes, chance: Callable[[], float] = random.random
    ) -> None:
        self.name = name
        self.lost = 0
        """Bytes that nobody got, so far."""
        self._split = split
        self._mode = Mode.WHOLE
        self._strikes: list[Strike] = []
        self._links: dict[Link, asyncio.Task[None]] = {}
        self._servers: list[asyncio.Server] = []
        self.chance = chance

    async def listen(self, target: int, port: int = 0) -> int:
        """Stand before a port of this machine; return the one that clients connect to."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            link, task = Link(writer), asyncio.current_task()
            assert task is not None
            self._links[link] = task
            try:
                await self._serve(link, reader, writer, target)
            except (OSError, EOFError):
                pass
            finally:
                del self._links[link]
                link.reset()

        server = await asyncio.start_server(accept, HOST, port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and end what stands."""
        for server in self._servers:
            server.close()
        tasks = list(self._links.values())
        self.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reset(self) -> int:
        """End every connection with RST; return how many there were."""
        links = list(self._links)
        for link in links:
            link.reset()
        return len(links)

    def half_close(self, end: int) -> int:
        """Half-close every connection towards one end, see ``Link``; return how many there were."""
        links = list(self._links)
        for link in links:
            link.half_close(end)
        return len(links)

    @asynccontextmanager
    async def failing(self, mode: Mode) -> AsyncIterator[None]:
        """Fail for a while; connections of which something is gone by then are reset at its end."""
        self._mode = mode
        try:
            yield
        finally:
            self._mode = Mode.WHOLE
            for link in list(self._links):
                if link.marred:
                    link.reset()

    async def strike(self, strike: Strike) -> None:
        """Reset the one connection on which the moment comes; return when it has."""
        self._strikes.append(strike)
        try:
            await strike.done.wait()
        finally:
            self._strikes.remove(strike)

    async def _serve(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int
    ) -> None:
        if self._mode is Mode.HALF_OPEN:
            link.marred = True
            while said := await reader.read(_CHUNK):
                self.lost += len(said)
            return
        try:
            from_server, to_server = await asyncio.open_connection(HOST, target)
        except OSError:
            await asyncio.sleep(_AWAY_SECONDS)
            return
        link.add(to_server)
        pumps = {
            asyncio.ensure_future(self._ask(link, reader, to_server)),
            asyncio.ensure_future(self._answer(link, from_server, writer)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _ask(self, link: Link, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        waiting = bytearray()
        while said := await reader.read(_CHUNK):
            if len(link.opening) < 1024:
                link.opening += said
            if self._mode is Mode.HALF_OPEN:
                link.marred = True
                self.lost += len(said)
                continue
            waiting += said
            for message in self._split(waiting):
                for strike in self._strikes:
                    strike.asked(link, message)
            if _SERVER in link.ended:
                self.lost += len(said)
                continue
            if not await self._held(link, said, server):
                return
            server.write(said)
            await server.drain()

    async def _answer(self, link: Link, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        waiting = bytearray()
        while said := await reader.read(_CHUNK):
            if self._mode in (Mode.LOST, Mode.HALF_OPEN):
                link.marred = True
                self.lost += len(said)
                continue
            waiting += said
            for message in self._split(waiting):
                for strike in self._strikes:
                    if not strike.done.is_set() and strike.answered(link, message):
                        strike.done.set()
                        link.reset()
                        return
            if _CLIENT in link.ended:
                self.lost += len(said)
                continue
            if not await self._held(link, said, client):
                return
            client.write(said)
            await client.drain()

    async def _held(self, link: Link, said: bytes, to: asyncio.StreamWriter) -> bool:
        """Hold a piece back, or cut the line in the middle of it; return whether the line still goes on."""
        if self._mode is Mode.LATE:
            await asyncio.sleep(self.chance() * _LATE_SECONDS)
        elif self._mode is Mode.CUT and self.chance() < _CUT_SHARE:
            to.write(said[: len(said) // 2])
            with contextlib.suppress(ConnectionError):
                await to.drain()
            self.lost += len(said) - len(said) // 2
            link.reset()
            return False
        return True
