"""What a process says of itself: each thing once, and in a file that does not grow for ever."""

import logging
import os
import shutil
import stat
import sys
import time
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import orjson

from services.platform import tracing
from services.platform.limits import LOG_AGAIN_SECONDS, LOG_BYTES

_MOST = 1000
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


FORMS: Final = ("text", "json")
"""How what is said is written: a line for people, or an object a line for what gathers logs."""


def begin(level: str, form: str = "text") -> None:
    """Let this process say on its standard error what is of a level or above, in one of ``FORMS``."""
    handler = CappedHandler(sys.stderr)
    handler.setFormatter(Objects() if form == "json" else logging.Formatter(_FORMAT))
    handler.addFilter(Once())
    logging.basicConfig(level=level, handlers=[handler])


class Objects(logging.Formatter):
    """Writes a record as one line of JSON, with the trace that it belongs to where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if (context := tracing.current()) is not None:
            _, said["trace_id"], said["span_id"], _ = context.split("-")
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return orjson.dumps(said).decode()


class Once(logging.Filter):
    """Says a thing once: the same words again only after a while, with how often they were left out.

    A server that is away is waited for with the same sentence every second.
    """

    def __init__(self, seconds: float = LOG_AGAIN_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is said."""
        if record.exc_info:
            return True
        words, now = record.getMessage(), time.monotonic()
        at, times = self._said.pop((record.name, words), (-self._seconds, 0))
        again = now - at < self._seconds
        self._said[record.name, words] = (at, times + 1) if again else (now, 0)
        if len(self._said) > _MOST:
            self._said.popitem(last=False)
        if times and not again:
            record.msg, record.args = f"{words} (and {times} times more since)", ()
        return not again


class CappedHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream. Where that is a file, it is begun anew at a size; what was there is kept as ``.1``.

    The file is emptied, not renamed: whoever started the process holds it open to append to it.
    """

    def __init__(self, stream: TextIO, most: int = LOG_BYTES) -> None:
        super().__init__(stream)
        self._most = most

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            self._cap()
        except (OSError, ValueError):
            self._most = sys.maxsize  # a stream that is no file of ours is nobody's to empty
        super().emit(record)

    def _cap(self) -> None:
        handle = self.stream.fileno()
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            self._most = sys.maxsize
        if found.st_size < self._most:
            return
        # Only Linux says what is open: elsewhere nothing is kept of what was there.
        known = Path(f"/proc/self/fd/{handle}")
        path = known.readlink() if known.is_symlink() else None
        if path is not None and path.exists():
            shutil.copyfile(path, path.with_name(path.name + ".1"))
        os.ftruncate(handle, 0)
