"""How a command that works for long says so: a bar at a terminal, and elsewhere a line every few seconds."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeElapsedColumn

from deploy.cli.output import console

SECONDS = 4.0
"""How long nothing may be said where the output is no terminal."""


def say(sentence: str, on: Console = console) -> None:
    """Say what is being done."""
    on.print(f"[dim]·[/] {escape(sentence)}", soft_wrap=True)


class _Clock:
    """Calls something every few seconds in a thread of its own, until it is stopped."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self._seconds, self._call = seconds, call
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._call()


class Bar(Progress):
    """A progress bar; where the console is no terminal, a line for each open task every few seconds."""

    def __init__(self, on: Console = console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        super().__init__(*columns, console=on)
        self._clock: _Clock | None = None

    def start(self) -> None:
        """Begin to show or to say how far it is."""
        if self.console.is_terminal:
            super().start()
        else:
            self._clock = _Clock(SECONDS, self._say)

    def stop(self) -> None:
        """End it; what is said last is how far it came."""
        if self._clock is None:
            super().stop()
        else:
            self._clock.stop()
            self._clock = None
            for task in self.tasks:
                say(_line(task), self.console)

    def _say(self) -> None:
        for task in self.tasks:
            if not task.finished:
                say(_line(task), self.console)


def _line(task: Task) -> str:
    counted = "" if task.total is None else f": {task.completed:,.0f} of {task.total:,.0f}"
    return f"{task.description}{counted} ({task.elapsed or 0:.0f} s)"


@contextmanager
def telling(tell: Callable[[str], None] = say, doing: str = "") -> Iterator[Callable[[str], None]]:
    """Yield what says a sentence; after a few seconds of silence it is said that the last one goes on.

    ``doing`` is what goes on before the first sentence.
    """
    began = last = time.monotonic()

    def speak(sentence: str) -> None:
        nonlocal began, last, doing
        if not sentence.startswith(" "):  # a step, and no word about the step before
            began, doing = time.monotonic(), sentence
        last = time.monotonic()
        tell(sentence)

    def remind() -> None:
        nonlocal last
        now = time.monotonic()
        if doing and now - last >= SECONDS:
            last = now
            tell(f"  still at it after {now - began:.0f} s: {doing}")

    clock = _Clock(SECONDS / 4, remind)
    try:
        yield speak
    finally:
        clock.stop()
