"""Where street after street is laid down, so that the run can be read day by day."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


class Spool:
    """Files that are appended to and then read in order. One is open at a time, nothing is kept in memory.

    The folder is made below ``parent`` (default: where the system has temporary files), and goes when the
    spool does.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=".spool-", dir=parent))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def close(self) -> None:
        """Delete the files."""
        self._finalizer()

    def add(self, name: str, lines: Iterable[bytes]) -> None:
        """Append lines, given without their ends."""
        content = b"\n".join(lines)
        if content:
            with (self._folder / name).open("ab") as file:
                file.write(content + b"\n")

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines that were added, in their order, without their ends."""
        if (self._folder / name).exists():
            with (self._folder / name).open("rb") as file:
                for line in file:
                    yield line[:-1]

    def move(self, name: str, to: BinaryIO) -> None:
        """Append what was added to another file, and delete it here."""
        if (self._folder / name).exists():
            with (self._folder / name).open("rb") as file:
                shutil.copyfileobj(file, to, 1024 * 1024)
            (self._folder / name).unlink()
