"""Readers: with so much memory and time, and no more; whatever becomes of one, the next one reads."""

import asyncio
import logging
import pickle
import time
from contextlib import aclosing
from tempfile import TemporaryFile
from typing import Any

import psutil
import pytest

from services.intake.answers import FileRefused
from services.intake.readers import Readers, ReadingFailedError, Work
from tests.services.intake import greedy

MEMORY, SECONDS = 400 * 1024**2, 1


@pytest.fixture(scope="module")
def readers() -> Any:
    """The readers of this test."""
    readers = Readers()
    yield readers
    readers.close()


async def read(readers: Readers, work: Work, *given: Any, memory: int = MEMORY) -> list[Any]:
    """What a reader makes of a file of three bytes."""
    with TemporaryFile() as file:
        file.write(b"abc")
        file.flush()
        found = readers.read(work, file, *given, memory=memory, seconds=SECONDS)
        async with aclosing(found):
            return [pickle.loads(item) async for item in found]  # noqa: S301


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (greedy.take_memory, "reading-memory"),
        (greedy.take_time, "reading-time"),
        (greedy.end, "reading-ended"),
    ],
)
async def test_a_reader_that_takes_too_much_is_ended_and_the_next_one_reads(
    readers: Readers, work: Work, code: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        await read(readers, work)
    assert refused.value.sentence.code == code
    assert await read(readers, greedy.count, 3) == [3, 0, 1, 2]


async def test_where_our_code_fails_the_log_says_where_and_no_value(
    readers: Readers, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ReadingFailedError):
        await read(readers, greedy.fail)
    assert "KeyError in fail:" in caplog.text
    assert "牟定国" not in caplog.text


async def test_a_reader_that_nobody_waits_for_ends(readers: Readers) -> None:
    with TemporaryFile() as file:
        async with aclosing(readers.read(greedy.sleep, file, memory=MEMORY, seconds=SECONDS)) as found:
            pid = pickle.loads(await anext(found))  # noqa: S301
            assert psutil.pid_exists(pid)
    deadline = time.monotonic() + 20
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_where_the_process_that_they_are_forked_from_was_killed_another_one_is_started(
    readers: Readers,
) -> None:
    assert await read(readers, greedy.count, 1) == [3, 0]
    assert readers._server is not None
    psutil.Process(readers._server.pid).kill()
    readers._server.wait()
    assert await read(readers, greedy.count, 1) == [3, 0]


async def test_what_they_are_forked_from_ends_after_a_while_and_comes_again_with_a_file() -> None:
    readers = Readers(rest_seconds=0.05)
    before = set(psutil.Process().children())
    assert await read(readers, greedy.count, 1) == [3, 0]
    (server,) = set(psutil.Process().children()) - before
    deadline = time.monotonic() + 20
    while server.is_running():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert await read(readers, greedy.count, 1) == [3, 0]
    readers.close()
