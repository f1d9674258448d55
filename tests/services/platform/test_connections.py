"""Connections that only wait: each has a deadline, and nobody else waits for it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from services.intake import http
from services.platform import connections
from services.platform.http import serve_http
from services.platform.settings import Settings

HEAD = b"POST /body HTTP/1.1\r\nHost: office\r\nContent-Length: 1000\r\n"


def application() -> FastAPI:
    """A web application that takes a body, and one that answers at length."""
    app = FastAPI()

    @app.get("/health")
    async def health() -> str:
        return "ok"

    @app.post("/body")
    async def body(request: Request) -> Response:
        try:
            async for _ in http.body_chunks(request, 10_000):
                pass
        except http.Refused as refused:
            return Response(refused.fault.sentence.english, refused.status, {"Connection": "close"})
        return Response("taken")

    @app.post("/refused")
    async def refused() -> Response:
        return Response("at once", 401)

    @app.get("/long")
    async def long() -> Response:
        return Response(b"x" * 50_000_000)

    return app


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Where it is served, with deadlines of half a second."""
    for name in ("HEAD_SECONDS", "SILENCE_SECONDS"):
        monkeypatch.setattr(connections, name, 0.5)
    monkeypatch.setattr(connections, "CONNECTIONS", 20)
    monkeypatch.setattr(http, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(http, "BODY_SECONDS", 1.5)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        found = int(server.getsockname()[1])
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve_http(application(), Settings(port=found), stop))
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", found)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        await writer.wait_closed()
        break
    yield found
    stop.set()
    await serving


async def told(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that a server says to somebody who sends these pieces, until it ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(20):
            answer = asyncio.ensure_future(_said(reader))
            for piece in pieces:
                if answer.done():
                    break
                writer.write(piece)
                await asyncio.sleep(pause)
            return await answer
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def _said(reader: asyncio.StreamReader) -> bytes:
    """All that comes, also where the connection is then reset, as by who closes it with a body unread."""
    said = b""
    try:
        while some := await reader.read(65536):
            said += some
    except ConnectionError:
        pass
    return said


async def test_who_never_ends_a_head_is_told_408(port: int) -> None:
    assert (await told(port)).startswith(b"HTTP/1.1 408 ")
    assert (await told(port, HEAD)).startswith(b"HTTP/1.1 408 ")
    drops = [bytes([each]) for each in HEAD]
    assert (await told(port, *drops, pause=0.05)).startswith(b"HTTP/1.1 408 ")


async def test_who_never_ends_a_body_is_told_408(port: int) -> None:
    answer = await told(port, HEAD + b"\r\n", b"abc")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"without long pauses" in answer
    assert (await told(port, HEAD + b"\r\n", *([b"a"] * 40), pause=0.1)).startswith(b"HTTP/1.1 408 ")


async def test_who_goes_on_with_a_body_that_nobody_reads_is_let_go(port: int) -> None:
    head = HEAD.replace(b"/body", b"/refused") + b"\r\n"
    began = time.monotonic()
    assert (await told(port, head, *([b"a"] * 100), pause=0.1)).startswith(b"HTTP/1.1 401 ")
    assert time.monotonic() - began < 5


async def test_who_does_not_read_the_answer_is_let_go(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /long HTTP/1.1\r\nHost: office\r\n\r\n")
    await asyncio.sleep(2)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await reader.readexactly(50_000_000)
    writer.close()


async def test_while_hundreds_hold_connections_open_the_others_are_answered(port: int) -> None:
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    assert (await told(port)).startswith(b"HTTP/1.1 503 ")
    await asyncio.sleep(0.6)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/health")).json() == "ok"
        # A connection is used again.
        assert (await client.get("/health")).json() == "ok"
        assert (await client.post("/body", content=b"x" * 1000)).text == "taken"
    for _, writer in held:
        writer.close()
