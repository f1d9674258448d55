"""Running several tasks until the first of them ends, and stopping those that resist it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer

Result = TypeVar("Result")

_AGAIN_SECONDS = 5.0
"""How long what was cancelled may take to its end before it is cancelled again."""


async def first_to_end(*work: Coroutine[Any, Any, Any]) -> None:
    """Run all until one returns or raises; then cancel and await the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await to_its_end(_ended(tasks))
    for task in done:
        task.result()


async def within(seconds: float, work: Awaitable[Result]) -> Result:
    """Await work for so many seconds at most, as ``asyncio.wait_for`` does; raises TimeoutError.

    Python 3.11's ``wait_for`` loses a cancellation that comes as the work ends: a loop around it runs on.
    """
    async with asyncio.timeout(seconds):
        return await work


async def pause(seconds: float, *events: asyncio.Event) -> None:
    """Return after so many seconds, or as soon as one of the events is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()


async def until_one_ends(
    stop: asyncio.Event, parts: Callable[[asyncio.Event], Iterable[Coroutine[Any, Any, None]]]
) -> None:
    """Run parts until ``stop``, or until one of them ends; then all are told by the event they were given.

    Each comes to its own end then; where one raises the others are cancelled. Raises an ExceptionGroup.
    """
    ended = asyncio.Event()

    async def part(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            ended.set()

    async def until_stopped() -> None:
        await stop.wait()
        ended.set()

    waiting = asyncio.ensure_future(until_stopped())
    try:
        async with asyncio.TaskGroup() as group:
            for work in parts(ended):
                group.create_task(part(work))
    finally:
        waiting.cancel()


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Wait until cancelled tasks have ended. A library may have lost the cancellation: it is said again."""
    left = set(tasks)
    while left:
        done, left = await asyncio.wait(left, timeout=_AGAIN_SECONDS)
        for task in left:
            task.cancel()
        for task in done:
            # Looked at, or asyncio says that nobody did.
            if not task.cancelled():
                task.exception()


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run work that must not be cancelled half way: whoever awaits it is cancelled once it is done.

    So is what ends something: whoever is told to end may be cancelled for it meanwhile.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


async def stop_consumer(consumer: AIOKafkaConsumer, seconds: float = 10) -> None:
    """Stop a consumer, also while Kafka is away: then aiokafka raises its own CancelledError, and leaks."""
    stopping = asyncio.ensure_future(consumer.stop())
    try:
        await asyncio.wait({stopping}, timeout=seconds)
    finally:
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        try:
            await consumer._client.close()
        except AttributeError:
            # A connection cancelled while it connected has no reading task, and aiokafka looks at it;
            # it counts as closed from then on, so the others are closed now.
            await consumer._client.close()
