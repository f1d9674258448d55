"""An event loop without I/O: time is virtual, and a schedule's choices say which process goes on.

Within one process callbacks run in the order in which asyncio promises them; what comes from a server comes
when its model says. A process may die after any step, stand still and come back, or have a clock of its own.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import warnings
from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any

from tests.simulation.choices import Choices

_OWNER: contextvars.ContextVar[Process] = contextvars.ContextVar("process")

STEPS = 400_000
"""Steps after which a schedule is taken for one that never ends."""


class NeverEndsError(Exception):
    """The schedule goes on for ever, or nothing is left that could happen."""


class Process:
    """Whose callbacks run together, and end together. ``fuse``: steps after which it dies."""

    def __init__(self, name: str, loop: SimulatedLoop) -> None:
        self.name = name
        self.loop = loop
        self.ready: deque[Handle] = deque()
        self.alive = True
        self.frozen = False
        self.fuse: int | None = None
        self.context = contextvars.Context()
        self.context.run(_OWNER.set, self)
        self.clock = 0.0
        """By how many seconds its clock is wrong."""
        self.ended: list[Callable[[], None]] = []
        """Called when it dies: whoever is at the other end of its connections."""
        self.stopped: list[Callable[[], None]] = []
        """Called when it freezes."""

    def die(self) -> None:
        """End at once: nothing of it runs again."""
        if self.alive:
            self.alive = False
            self.ready.clear()
            for told in self.ended:
                told()

    def freeze(self) -> None:
        """Stand still."""
        self.frozen = True
        for told in self.stopped:
            told()


class Handle:
    """A callback that waits for its turn."""

    __slots__ = ("args", "callback", "context", "is_cancelled", "process", "when_")

    def __init__(
        self, callback: Any, args: Any, context: contextvars.Context | None, process: Process, when: float
    ) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.process = process
        self.when_ = when
        self.is_cancelled = False

    def cancel(self) -> None:
        """See that it is not called."""
        self.is_cancelled = True

    def cancelled(self) -> bool:
        """Whether it is not called."""
        return self.is_cancelled

    def when(self) -> float:
        """When it is due."""
        return self.when_


class SimulatedLoop:
    """Runs processes until one coroutine returns: what tasks, locks and time-outs use of asyncio's loop."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._self: Any = self
        self._time = 0.0
        self._timers: list[tuple[float, int, Handle]] = []
        self._count = 0
        self._closed = False
        self._tasks: list[asyncio.Task[Any]] = []
        self._processes: list[Process] = []
        self._current = self.process("driver")
        self.steps = 0
        self.failure: BaseException | None = None
        """Raised by ``run`` at the next step: what a model found out."""

    def process(self, name: str) -> Process:
        """Make a process."""
        made = Process(name, self)
        self._processes.append(made)
        return made

    @property
    def current(self) -> Process:
        """The process whose turn it is."""
        return self._current

    def spawn(self, process: Process, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run work in a process."""
        return self.create_task(work, context=process.context.copy())

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None) -> asyncio.Task[Any]:
        """Make a task."""
        task = asyncio.Task(coro, loop=self._self, name=name, context=context)
        self._tasks.append(task)
        return task

    def create_future(self) -> asyncio.Future[Any]:
        """Make a future."""
        return asyncio.Future(loop=self._self)

    def time(self) -> float:
        """Seconds since the schedule began."""
        return self._time

    def call_soon(self, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:
        """Call something in its process's next turn."""
        process = self._current if context is None else context.get(_OWNER, self._current)
        handle = Handle(callback, args, context, process, self._time)
        if process.alive and not self._closed:
            process.ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        """Call something after some seconds."""
        return self.call_at(self._time + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        """Call something at a time."""
        process = self._current if context is None else context.get(_OWNER, self._current)
        handle = Handle(callback, args, context, process, when)
        self._count += 1
        heappush(self._timers, (when, self._count, handle))
        return handle

    def call_for(self, process: Process, delay: float, callback: Any, *args: Any) -> Handle:
        """Call something in a process after some seconds."""
        handle: Handle = self.call_at(self._time + delay, callback, *args, context=process.context)
        return handle

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run until work is done; return what it returns. Raises NeverEndsError, or what a model found."""
        hooks, outer = sys.get_asyncgen_hooks(), asyncio._get_running_loop()
        sys.set_asyncgen_hooks(firstiter=None, finalizer=lambda _: None)
        asyncio._set_running_loop(self._self)
        try:
            task = self.spawn(self._current, work)
            while not task.done():
                self._step()
            return task.result()
        finally:
            self._end()
            asyncio._set_running_loop(outer)
            sys.set_asyncgen_hooks(*hooks)

    def _step(self) -> None:
        timers = self._timers
        while timers and timers[0][0] <= self._time:
            self._due(heappop(timers)[2])
        runnable = [one for one in self._processes if one.ready and not one.frozen]
        if not runnable:
            if not timers:
                raise NeverEndsError("nothing is left that could happen")
            self._time = timers[0][0]
            return
        self.steps += 1
        if self.steps > STEPS:
            raise NeverEndsError(f"no end after {STEPS} steps, at {self._time:.1f} s")
        process = runnable[0] if len(runnable) == 1 else runnable[self._choices.draw(len(runnable))]
        handle = process.ready.popleft()
        if handle.is_cancelled:
            return
        self._current = process
        if handle.context is None:
            handle.callback(*handle.args)
        else:
            handle.context.run(handle.callback, *handle.args)
        if self.failure is not None:
            raise self.failure
        if process.fuse is not None:
            process.fuse -= 1
            if process.fuse <= 0:
                process.fuse = None
                process.die()

    def _due(self, handle: Handle) -> None:
        if not handle.is_cancelled and handle.process.alive:
            handle.process.ready.append(handle)

    def _end(self) -> None:
        """Take the tasks apart that did not come to their end: nothing of what they still do matters."""
        self._closed = True
        with warnings.catch_warnings():
            # Of coroutines that nobody awaits any more.
            warnings.simplefilter("ignore")
            self._close_tasks()

    def _close_tasks(self) -> None:
        for task in self._tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                try:
                    task.get_coro().close()
                except BaseException:  # noqa: S112
                    continue
            elif not task.cancelled():
                task.exception()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Take note of what a callback raised; asyncio would only log it."""
        if "handle" in context:
            self.failure = context.get("exception")

    def get_debug(self) -> bool:
        """Whether asyncio checks more."""
        return False

    def is_running(self) -> bool:
        """Whether it runs."""
        return not self._closed

    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._closed
