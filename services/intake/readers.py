"""Processes that read what somebody hands over: one for each, with so much memory and time and no more.

A parser that a file makes slow or greedy then costs nobody else anything: the process is ended, and its
sender is told. They are forked from one that has everything loaded and holds neither keys nor connections,
which is started when a file comes and ended when none has come for a while: it holds 100 MB.
"""

import asyncio
import atexit
import gc
import json
import logging
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from traceback import extract_tb
from typing import IO, Any

from services.intake.answers import FileRefused
from services.intake.sentences import Sentence, say
from services.platform.limits import CHUNK_BYTES, READER_SILENCE_SECONDS, READERS

_LOG = logging.getLogger(__name__)

Work = Callable[..., Iterator[Any]]
"""A function of a module, which yields what it reads from a file; what it is given and yields is pickled."""

_LOADED = ("services.intake.reading",)
_START = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from services.intake.readers import serve\n"
    "serve(int(sys.argv[2]))"
)
_SIZE = 4
_MOST = 8 * CHUNK_BYTES
_ITEM, _END, _REFUSED, _MEMORY, _TIME, _FAILED = b"i", b"e", b"r", b"m", b"t", b"f"
_NICENESS = 5
"""Who answers goes first, where both want the processor."""


class ReadingFailedError(RuntimeError):
    """Our own code failed in a reader; the log says where."""


class Readers:
    """The readers of a process. ``rest_seconds``: so long what forks them waits for the next file."""

    def __init__(self, rest_seconds: float = 60.0) -> None:
        self._rest_seconds = rest_seconds
        self._reading = 0
        self._ending: asyncio.TimerHandle | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._room: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    async def read(
        self, work: Work, file: IO[bytes], *given: Any, memory: int, seconds: int
    ) -> AsyncGenerator[bytes, None]:
        """Yield what ``work(file, *given)`` yields, pickled. The file's own position moves.

        ``memory`` bounds the process's address space, ``seconds`` its CPU time. Raises FileRefused where the
        work refuses the file, or needs more than that; ReadingFailedError where it fails.
        """
        async with self._free(), self._awake():
            connection = self._fork(file.fileno())
            answers, asked = await asyncio.open_unix_connection(sock=connection)
            try:
                request = pickle.dumps((work, given, memory, seconds), pickle.HIGHEST_PROTOCOL)
                asked.write(len(request).to_bytes(_SIZE, "big") + request)
                while True:
                    kind, content = await _next(answers)
                    if kind == _END:
                        return
                    if kind != _ITEM:
                        raise _refusal(kind, content, memory, seconds)
                    yield content
            finally:
                # The reader sees it, and ends.
                asked.close()

    def _free(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._room is None or self._room[0] is not loop:
            self._room = loop, asyncio.Semaphore(READERS)
        return self._room[1]

    @asynccontextmanager
    async def _awake(self) -> AsyncIterator[None]:
        """Keep what readers are forked from, and end it when nobody has read for a while."""
        loop = asyncio.get_running_loop()
        self._reading += 1
        self._stay()
        try:
            yield
        finally:
            self._reading -= 1
            if not self._reading and not loop.is_closed():
                self._ending = loop.call_later(self._rest_seconds, self.close)

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _fork(self, file: int) -> socket.socket:
        ours, its = socket.socketpair()
        with its:
            try:
                if self._server is None or self._server.poll() is not None:
                    self._start()
                assert self._control is not None
                socket.send_fds(self._control, [b"."], [its.fileno(), file])
            except OSError:
                ours.close()
                raise
        return ours

    def _start(self) -> None:
        self.close()
        self._control, its = socket.socketpair()
        with its:
            command = [sys.executable, "-I", *_warnings(), "-c", _START, json.dumps(sys.path)]
            self._server = subprocess.Popen(
                [*command, str(its.fileno())],
                pass_fds=(its.fileno(),),
                stdin=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            )

    def close(self) -> None:
        """End the process that readers are forked from, if it is there; those that read go on."""
        self._stay()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            # It sees that the socket is closed. Whoever does not is not waited for.
            with suppress(subprocess.TimeoutExpired):
                self._server.wait(0.1)
            if self._server.poll() is None:
                self._server.kill()
                self._server.wait()
            self._server = None


def _warnings() -> list[str]:
    return [f"-W{option}" for option in sys.warnoptions]


async def _next(answers: asyncio.StreamReader) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(READER_SILENCE_SECONDS):
            head = await answers.readexactly(_SIZE + 1)
            size = int.from_bytes(head[:_SIZE], "big")
            if size > _MOST:
                raise FileRefused(say("reading-ended"))
            return head[_SIZE:], await answers.readexactly(size)
    except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
        # Killed: by the kernel, or as it did not heed that its time was over.
        raise FileRefused(say("reading-ended")) from None


def _refusal(kind: bytes, content: bytes, memory: int, seconds: int) -> Exception:
    if kind == _MEMORY:
        return FileRefused(say("reading-memory", most=memory // 1024**2))
    if kind == _TIME:
        return FileRefused(say("reading-time", most=seconds))
    said = pickle.loads(content)  # noqa: S301 - our own process wrote it
    if isinstance(said, Sentence):
        return FileRefused(said)
    _LOG.error("a file could not be read: %s", said)
    return ReadingFailedError(said)


SHARED = Readers()
"""Those of this process: the contexts that it serves share them."""
atexit.register(SHARED.close)


# In the process that readers are forked from, and in the readers.


class _TimeIsOver(BaseException):
    """The reader has used all of its CPU time. No parser takes it for an error of its own."""


def serve(control: int) -> None:
    """Fork a reader for each file that is sent, until nobody is there to send one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for module in _LOADED:
        import_module(module)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=control) as asked:
        while True:
            try:
                said, handles, *_ = socket.recv_fds(asked, 1, 2)
            except OSError:
                return
            if not said:
                return
            if os.fork() == 0:
                asked.close()
                try:
                    _read(*handles)
                finally:
                    os._exit(0)
            for handle in handles:
                os.close(handle)


def _read(connection: int, file: int) -> None:
    os.nice(_NICENESS)
    with socket.socket(fileno=connection) as asked, os.fdopen(file, "rb") as opened:
        size = int.from_bytes(_exactly(asked, _SIZE), "big")
        work, given, memory, seconds = pickle.loads(_exactly(asked, size))  # noqa: S301
        threading.stack_size(256 * 1024)
        threading.Thread(target=_watch, args=(asked,), daemon=True).start()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        signal.signal(signal.SIGXCPU, _over)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        opened.seek(0)
        kind, said = _do(asked, work, opened, given)
        _send(asked, kind, said)


def _do(asked: socket.socket, work: Work, file: IO[bytes], given: tuple[Any, ...]) -> tuple[bytes, bytes]:
    try:
        for item in work(file, *given):
            _send(asked, _ITEM, pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
    except FileRefused as refused:
        return _REFUSED, pickle.dumps(refused.sentence)
    except MemoryError:
        return _MEMORY, b""
    except _TimeIsOver:
        return _TIME, b""
    except Exception as error:
        # Neither its words, which may hold a value, nor where it came from.
        last = extract_tb(error.__traceback__)[-1]
        return _FAILED, pickle.dumps(f"{type(error).__name__} in {last.name}:{last.lineno}")
    return _END, b""


def _over(*_: object) -> None:
    raise _TimeIsOver


def _watch(asked: socket.socket) -> None:
    # Whoever waited for it went away.
    with suppress(OSError):
        asked.recv(1)
    os._exit(0)


def _exactly(asked: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        if not (more := asked.recv(size - len(found))):
            os._exit(0)
        found += more
    return bytes(found)


def _send(asked: socket.socket, kind: bytes, content: bytes) -> None:
    asked.sendall(len(content).to_bytes(_SIZE, "big") + kind)
    asked.sendall(content)
