"""Live streams over HTTP, as server-sent events: what detection announces, and what people are told."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, TypeVar

import asyncpg
from fastapi import FastAPI, Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.reporting import queries
from services.reporting.alerts import Alert, follow_alerts, place_of
from services.reporting.bell import ALERTS, Bell
from services.reporting.described import file_of
from services.reporting.problems import problem

Item = TypeVar("Item")

LastEventId = Annotated[str | None, Header()]


def add_streams(app: FastAPI, pool: asyncpg.Pool, guarded: list[Any], stop: asyncio.Event, most: int) -> None:
    """Add both streams, of which ``most`` are open at a time, together. They end with ``stop``."""
    announcements, alerts = Bell(pool), Bell(pool, ALERTS)
    open_streams = set[_Stream]()

    @app.get("/anomalies/stream", dependencies=guarded, response_class=Response, responses=file_of("stream"))
    async def announced(last_event_id: LastEventId = None, after: str | None = None) -> StreamingResponse:
        """Announcements as server-sent events: raised, revised, withdrawn. Goes on after Last-Event-ID.

        Without one only new announcements come; ``after=`` (empty) begins with the first.
        """
        place = last_event_id if last_event_id is not None else after
        # So that a wrong place is answered with 422, and not by a stream that breaks.
        queries.check_place(place)
        return _Stream(_sent(_announced(queries.follow(announcements, place)), stop), open_streams, most)

    @app.get("/alerts/stream", dependencies=guarded, response_class=Response, responses=file_of("stream"))
    async def told(last_event_id: LastEventId = None, after: str | None = None) -> StreamingResponse:
        """Alerts as server-sent events: a notice for each subject, a digest of a storm.

        Goes on after Last-Event-ID; without one only new ones come, ``after=`` (empty) begins with the first.
        """
        place = last_event_id if last_event_id is not None else after
        if place is not None:
            place_of(place)
        return _Stream(_sent(_told(follow_alerts(alerts, place)), stop), open_streams, most)


class _Stream(StreamingResponse):
    """A live stream; beyond ``most`` open ones it is 503."""

    def __init__(self, content: AsyncIterator[str], open_streams: set["_Stream"], most: int) -> None:
        super().__init__(content, media_type="text/event-stream")
        self._open, self._most = open_streams, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(self._open) >= self._most:
            sentence = f"{self._most} live streams are open, and no more are served: ask again later."
            answer = problem(503, sentence, headers={"Retry-After": "30"})
            return await answer(scope, receive, send)
        self._open.add(self)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._open.discard(self)


async def _announced(following: AsyncGenerator[queries.Announcement]) -> AsyncGenerator[str]:
    async with contextlib.aclosing(following):
        async for item in following:
            yield _event(item.place, item.verb, item.anomaly)


async def _told(following: AsyncGenerator[Alert]) -> AsyncGenerator[str]:
    async with contextlib.aclosing(following):
        async for item in following:
            yield _event(item.place, item.kind, item.said)


def _event(place: object, name: str, data: object) -> str:
    return f"id: {place}\nevent: {name}\ndata: {json.dumps(jsonable_encoder(data), ensure_ascii=False)}\n\n"


async def _sent(events: AsyncGenerator[str], stop: asyncio.Event) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    async with contextlib.aclosing(events):
        while (event := await _next(events, stop)) is not None:
            yield event


async def _next(following: AsyncGenerator[Item], stop: asyncio.Event) -> Item | None:
    coming = asyncio.ensure_future(anext(following))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return coming.result() if coming.done() else None
    finally:
        for task in (coming, stopping):
            task.cancel()
        # The generator may only be closed when its step has ended.
        await asyncio.gather(coming, stopping, return_exceptions=True)
