"""Work for readers that takes more than it should, or fails."""

import os
import signal
from collections.abc import Iterator
from typing import IO


def count(file: IO[bytes], times: int) -> Iterator[int]:
    """What it is given, so often, after as many bytes as the file has."""
    yield len(file.read())
    yield from range(times)


def take_memory(file: IO[bytes]) -> Iterator[int]:
    """Ask for more and more."""
    yield 1
    kept = []
    while True:
        kept.append(bytearray(16 * 1024**2))


def take_time(file: IO[bytes]) -> Iterator[int]:
    """Never come to an end, and take every error for one of its own."""
    yield 1
    while True:
        try:
            while True:
                pass
        except Exception:  # noqa: S112 - as a parser might
            continue


def end(file: IO[bytes]) -> Iterator[int]:
    """End as if the kernel had ended it."""
    yield 1
    os.kill(os.getpid(), signal.SIGKILL)


def fail(file: IO[bytes]) -> Iterator[int]:
    """Fail with an error that repeats a name."""
    yield 1
    raise KeyError("牟定国")


def sleep(file: IO[bytes]) -> Iterator[int]:
    """Say who it is, and wait."""
    yield os.getpid()
    signal.pause()
