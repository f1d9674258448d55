"""The proxy of the crash test does what it is told, and at the moment that it is told."""

import asyncio
import struct
import time
from collections.abc import AsyncIterator

import pytest

from tests.chaos.proxy import HOST, Committed, Mode, Posted, Produced, Proxy, Strike, framed


class Server:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked = bytearray()
        self.answer = b"answer"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(1000):
            self.asked += said
            writer.write(self.answer)
            await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, int]]:
    there = Server()
    listening = await asyncio.start_server(there.serve, HOST, 0)
    yield there, listening.sockets[0].getsockname()[1]
    listening.close()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: bytes) -> bytes:
    writer.write(said)
    return await asyncio.wait_for(reader.read(1000), 10)


async def test_what_is_said_is_handed_on(server: tuple[Server, int]) -> None:
    there, port = server
    proxy = Proxy("line")
    reader, writer = await asyncio.open_connection(HOST, await proxy.listen(port))
    assert await ask(reader, writer, b"question") == b"answer"
    assert there.asked == b"question"
    await proxy.close()
    with pytest.raises(ConnectionResetError):
        await reader.read()


@pytest.mark.parametrize(("mode", "asked"), [(Mode.LOST, b"question"), (Mode.HALF_OPEN, b"")])
async def test_a_line_that_fails_answers_nothing_and_is_reset_in_the_end(
    server: tuple[Server, int], mode: Mode, asked: bytes
) -> None:
    there, port = server
    proxy = Proxy("line")
    place = await proxy.listen(port)
    old = await asyncio.open_connection(HOST, place)
    idle = await asyncio.open_connection(HOST, place)
    async with proxy.failing(mode):
        new = await asyncio.open_connection(HOST, place)
        for reader, writer in (old, new):
            lost = proxy.lost
            writer.write(b"question")
            async with asyncio.timeout(10):
                while proxy.lost == lost:
                    await asyncio.sleep(0.01)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1000), 0.1)
    assert there.asked == asked * 2
    for reader, _ in (old, new):
        with pytest.raises(ConnectionResetError):
            await reader.read()
    assert await ask(*idle, b"question") == b"answer"
    await proxy.close()


async def test_a_late_line_holds_back_what_each_says(server: tuple[Server, int]) -> None:
    there, port = server
    proxy = Proxy("line", chance=lambda: 1.0)
    line = await asyncio.open_connection(HOST, await proxy.listen(port))
    async with proxy.failing(Mode.LATE):
        began = time.monotonic()
        assert await ask(*line, b"question") == b"answer"
        assert time.monotonic() - began > 0.5, "0.3 s each way"
    assert there.asked == b"question"
    assert await ask(*line, b"another") == b"answer"
    await proxy.close()


async def test_a_line_that_is_cut_ends_in_the_middle_of_what_is_said(server: tuple[Server, int]) -> None:
    there, port = server
    proxy = Proxy("line", chance=lambda: 0.0)
    line = await asyncio.open_connection(HOST, await proxy.listen(port))
    async with proxy.failing(Mode.CUT):
        with pytest.raises(ConnectionResetError):
            await ask(*line, b"question")
    assert b"question".startswith(there.asked) and len(there.asked) <= 4
    assert proxy.lost == 4
    await proxy.close()


async def test_who_is_told_that_the_other_says_no_more_may_still_speak(server: tuple[Server, int]) -> None:
    there, port = server
    proxy = Proxy("line")
    reader, writer = await asyncio.open_connection(HOST, await proxy.listen(port))
    assert await ask(reader, writer, b"question") == b"answer"
    assert proxy.half_close(0) == 1
    assert await asyncio.wait_for(reader.read(1000), 10) == b"", "the client is told"
    writer.write(b", and another")
    async with asyncio.timeout(10):
        while there.asked != b"question, and another":
            await asyncio.sleep(0.01)
    assert proxy.half_close(1) == 1
    async with asyncio.timeout(10):
        while proxy.reset():
            await asyncio.sleep(0.01)
    writer.transport.abort()
    await proxy.close()


def produce(key: int, topic: str) -> bytes:
    request = struct.pack(">hhi", key, 9, 77) + topic.encode()
    return struct.pack(">i", len(request)) + request


ACKNOWLEDGED = struct.pack(">ii", 4 + 2, 77) + b"ok"
STARTUP = b"\0\0\0\x30\0\3\0\0user\0dibao_detection\0database\0test\0\0"
COMMITTED = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I"


@pytest.mark.parametrize(
    ("strike", "passed_over", "struck"),
    [
        (
            Produced("t.payments"),
            [(produce(3, "t.payments"), ACKNOWLEDGED), (produce(0, "t.intake.vitals"), ACKNOWLEDGED)],
            (produce(0, "t.payments"), ACKNOWLEDGED),
        ),
        (
            Committed("dibao_detection"),
            [(STARTUP, b"R"), (b"Q", b"C\0\0\0\x0bBEGIN\0Z\0\0\0\x05T")],
            (b"Q\0\0\0\x0cCOMMIT;\0", COMMITTED),
        ),
        (Posted(), [(b"POST /", b"HTTP/1.1 503 ")], (b"POST /", b"HTTP/1.1 202 Accepted")),
    ],
    ids=["produce", "commit", "post"],
)
async def test_a_connection_is_reset_when_the_server_has_done_it_and_before_the_client_hears(
    server: tuple[Server, int],
    strike: Strike,
    passed_over: list[tuple[bytes, bytes]],
    struck: tuple[bytes, bytes],
) -> None:
    there, port = server
    proxy = Proxy("line", framed) if isinstance(strike, Produced) else Proxy("line")
    reader, writer = await asyncio.open_connection(HOST, await proxy.listen(port))
    waiting = asyncio.ensure_future(proxy.strike(strike))
    for question, there.answer in passed_over:
        assert await ask(reader, writer, question) == there.answer
    assert not waiting.done()
    question, there.answer = struck
    with pytest.raises(ConnectionResetError):
        await ask(reader, writer, question)
    await asyncio.wait_for(waiting, 1)
    assert there.asked.endswith(question)
    await proxy.close()


async def test_another_role_s_commit_is_not_the_one(server: tuple[Server, int]) -> None:
    there, port = server
    proxy = Proxy("line")
    reader, writer = await asyncio.open_connection(HOST, await proxy.listen(port))
    waiting = asyncio.ensure_future(proxy.strike(Committed("dibao_projector")))
    there.answer = COMMITTED
    assert await ask(reader, writer, STARTUP) == COMMITTED
    waiting.cancel()
    await proxy.close()
