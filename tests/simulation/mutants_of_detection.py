"""Detection with a mistake in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from services.detection import evaluate, ingest, sweep
from services.detection.evaluate import Evaluator
from services.platform.outbox import enqueue
from tests.simulation.unsaid import unsaid
from tests.simulation.world import world


@contextmanager
def announcing_before_the_commit() -> Iterator[None]:
    """Announcements go into the outbox in a transaction of their own: they stay where this one fails."""

    async def at_once(connection: Any, messages: Any) -> None:
        async with world().pool().acquire() as other:
            await enqueue(other, messages)

    with mock.patch.object(evaluate, "enqueue", at_once):
        yield


@contextmanager
def locking_no_subjects() -> Iterator[None]:
    """Two workers evaluate one subject at once, and neither sees what the other writes."""
    with unsaid(evaluate._LOCK, "SELECT 0"):
        yield


@contextmanager
def looking_for_no_readers() -> Iterator[None]:
    """Who reads a neighbour's fact is not looked for."""

    async def none(self: Evaluator, connection: Any, facts: Any) -> list[Any]:
        return []

    with mock.patch.object(Evaluator, "_readers", none):
        yield


@contextmanager
def forgetting_marks() -> Iterator[None]:
    """What a batch leaves to be looked at is not marked."""

    async def none(connection: Any, marks: Any, priority: int = 0) -> None:
        return None

    with mock.patch.object(ingest, "mark", none):
        yield


@contextmanager
def forgetting_sweeps() -> Iterator[None]:
    """Whom a changed value of policy concerns is not looked at again."""

    async def none(connection: Any, changed: Any, rules: Any = None) -> None:
        return None

    with mock.patch.object(sweep, "of_policy", none):
        yield


MISTAKES = (
    announcing_before_the_commit,
    locking_no_subjects,
    looking_for_no_readers,
    forgetting_marks,
    forgetting_sweeps,
)
