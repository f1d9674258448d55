"""Alerting with a mistake in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

from services.alerting import deciding, delivering, folding, webhook
from services.alerting.attempt import Attempt, Outcome
from services.alerting.handler import Taking
from services.platform import locks
from tests.simulation.postgres import ModelConnection
from tests.simulation.unsaid import unsaid
from tests.simulation.world import world


@contextmanager
def telling_before_the_commit() -> Iterator[None]:
    """A notice is made in a transaction of its own: it is on its way where this one fails."""
    right = ModelConnection.fetchval

    async def fetchval(self: ModelConnection, query: str, *args: Any) -> Any:
        if query != deciding._INSERT:
            return await right(self, query, *args)
        async with world().pool().acquire() as other:
            return await right(other, query, *args)

    with mock.patch.object(ModelConnection, "fetchval", fetchval):
        yield


@contextmanager
def taking_behind_the_position() -> Iterator[None]:
    """What is announced is kept after the commit: whoever dies in between has passed it over."""
    right = Taking.handle
    taking: set[asyncio.Task[None]] = set()

    async def handle(self: Taking, connection: Any, columns: Any) -> None:
        async def later() -> None:
            async with world().pool().acquire() as other:
                await right(self, other, columns)

        taking.add(asyncio.ensure_future(later()))

    with mock.patch.object(Taking, "handle", handle):
        yield


@contextmanager
def deciding_two_at_once() -> Iterator[None]:
    """Two workers decide at the same time."""
    right = ModelConnection.execute

    async def execute(self: ModelConnection, query: str, *args: Any) -> str:
        return "SELECT 1" if args == (locks.ALERTING,) else await right(self, query, *args)

    with mock.patch.object(ModelConnection, "execute", execute):
        yield


@contextmanager
def claiming_what_another_has() -> Iterator[None]:
    """Who saw that a notice was due tells it, whoever has claimed it meanwhile."""
    right = ModelConnection.fetchval

    async def fetchval(self: ModelConnection, query: str, *args: Any) -> Any:
        if query == delivering._CLAIM:
            notice = world().postgres.latest("alerting.notice", (args[0],))
            assert notice is not None
            args = (args[0], notice["due_at"], args[2])
        return await right(self, query, *args)

    with mock.patch.object(ModelConnection, "fetchval", fetchval):
        yield


@contextmanager
def claiming_for_no_time() -> Iterator[None]:
    """What is being told is due to others meanwhile."""
    with mock.patch.object(delivering, "timedelta", lambda seconds: timedelta()):
        yield


@contextmanager
def forgetting_attempts() -> Iterator[None]:
    """No attempt is put on record."""
    with unsaid(delivering._RECORD, "INSERT 0 1"):
        yield


@contextmanager
def numbering_attempts_at_once() -> Iterator[None]:
    """Two attempts of one notice that end at the same moment have the same number."""
    with unsaid(delivering._TURN, "SELECT 1"):
        yield


@contextmanager
def giving_up_on_who_is_busy() -> Iterator[None]:
    """Who answers 503 is told that once."""
    right = webhook.post

    async def post(*args: Any) -> Attempt:
        found = await right(*args)
        return replace(found, outcome=Outcome.GONE) if found.status == 503 else found

    with mock.patch.object(delivering, "post", post):
        yield


@contextmanager
def sleeping_on() -> Iterator[None]:
    """A snooze holds back whatever the anomaly comes to rest on."""
    with mock.patch.object(deciding, "ended_by", lambda announcement, snoozes: []):
        yield


@contextmanager
def bounding_nothing() -> Iterator[None]:
    """An import is as many notices as it has subjects."""
    right = folding.settle

    def settle(bounds: Any, *more: Any) -> Any:
        return right(replace(bounds, most=10**6), *more)

    with mock.patch.object(folding, "settle", settle):
        yield


MISTAKES: tuple[Callable[[], Any], ...] = (
    telling_before_the_commit,
    taking_behind_the_position,
    deciding_two_at_once,
    claiming_what_another_has,
    claiming_for_no_time,
    forgetting_attempts,
    numbering_attempts_at_once,
    giving_up_on_who_is_busy,
    sleeping_on,
    bounding_nothing,
)
