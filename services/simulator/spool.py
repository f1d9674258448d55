"""Where street after street is laid down, so that the run can be read day by day."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class Sink(Protocol):
    """What lines can be appended to, under a name."""

    def add(self, name: str, content: bytes) -> None:
        """Append lines, each with its end."""


class Spool:
    """A folder of files that are appended to and then read in order.

    One file is open at a time, and nothing is kept in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, content: bytes) -> None:
        """Append lines, each with its end."""
        if content:
            with (self._folder / name).open("ab") as file:
                file.write(content)

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
                shutil.copyfileobj(file, to, 128 * 1024)
            (self._folder / name).unlink()


class Parcel:
    """The same in one file, in the order of adding: how another process hands over what is for a spool."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def add(self, name: str, content: bytes) -> None:
        """Append lines, each with its end."""
        self._file.write(b"%s %d\n" % (name.encode(), len(content)) + content)

    def close(self) -> None:
        """Nothing more will be added."""
        self._file.close()


def unpack(path: Path, to: Sink) -> None:
    """Add what a parcel holds, and delete it."""
    with path.open("rb") as file:
        for head in file:
            name, size = head.split()
            to.add(name.decode(), file.read(int(size)))
    path.unlink()
