"""The pipeline with a mistake in it that somebody could make: the simulation has to find each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from services.platform import offsets
from services.platform.aiokafka_transport import _Worker
from services.platform.offsets import Mark, Place
from services.platform.pipeline import Assignment, Bounds, OwnershipLostError, Pipeline, _Batch
from services.platform.provenance import Forgery


class OffsetsFirst(Pipeline):
    """Commits offsets, and then does the effects: whoever dies in between has lost them."""

    async def _transaction(self, batch: _Batch) -> list[Forgery]:
        name, version = self.handler.name, self.handler.version
        marks = {place: Mark(None, None, None) for place in batch.moves}
        async with self._pool.acquire(timeout=10) as connection:
            async with connection.transaction():
                if not await offsets.compare_and_set(connection, name, version, batch.moves, marks):
                    raise OwnershipLostError("moved")
            async with connection.transaction():
                await self.handler.handle(connection, batch.prepared)
        return []


class EffectsFirst(Pipeline):
    """Does the effects, and then commits offsets: whoever dies in between does them again."""

    async def _transaction(self, batch: _Batch) -> list[Forgery]:
        name, version = self.handler.name, self.handler.version
        marks = {place: Mark(None, None, None) for place in batch.moves}
        async with self._pool.acquire(timeout=10) as connection:
            async with connection.transaction():
                await self.handler.handle(connection, batch.prepared)
            async with connection.transaction():
                if not await offsets.compare_and_set(connection, name, version, batch.moves, marks):
                    raise OwnershipLostError("moved")
        return []


class Trusting(Pipeline):
    """Goes on where it was itself, whatever PostgreSQL says."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._memory: dict[Place, int] = {}

    async def load(self, places: Sequence[Place], bounds: Bounds) -> Assignment:
        self._memory.update(self._held)
        found = await super().load(places, bounds)
        positions = {place: self._memory.get(place, at) for place, at in found.positions.items()}
        self._held.update(positions)
        self._reached.update(positions)
        return Assignment(found.token, positions)


class Stubborn(Pipeline):
    """Takes the offsets as they are by now where they are not those it began with, and does its batch."""

    async def _transaction(self, batch: _Batch) -> list[Forgery]:
        try:
            return await super()._transaction(batch)
        except OwnershipLostError:
            async with self._pool.acquire(timeout=10) as connection:
                now = await offsets.positions(connection, self.handler.name, self.handler.version)
            batch.moves = {place: (now[place], following) for place, (_, following) in batch.moves.items()}
            return await super()._transaction(batch)


class Hasty(Pipeline):
    """Believes that all went well where no answer to the commit came."""

    async def _transaction(self, batch: _Batch) -> list[Forgery]:
        try:
            return await super()._transaction(batch)
        except OSError:
            return []


PIPELINES = (OffsetsFirst, EffectsFirst, Trusting, Stubborn)


@contextmanager
def comparing_nothing() -> Iterator[None]:
    """Offsets are set, whatever they were."""
    right = offsets.compare_and_set

    async def set_(
        connection: Any,
        pipeline: str,
        version: int,
        moves: Mapping[Place, tuple[int, int]],
        marks: Mapping[Place, Mark],
    ) -> bool:
        now = await offsets.positions(connection, pipeline, version)
        moves = {place: (now[place], following) for place, (_, following) in moves.items()}
        await right(connection, pipeline, version, moves, marks)
        return True

    with mock.patch.object(offsets, "compare_and_set", set_):
        yield


@contextmanager
def never_loading_again() -> Iterator[None]:
    """Who has lost the partitions does not load them again."""

    async def nothing(self: Any) -> None:
        return None

    with mock.patch.object(_Worker, "_again", nothing):
        yield
