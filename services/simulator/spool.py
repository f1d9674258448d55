"""Where street after street is laid down, so that the run can be read day by day."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


class Spool:
    """A folder of files that are appended to and then read in order.

    One file is open at a time, and nothing is kept in memory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

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

    def absorb(self, other: "Spool") -> None:
        """Append everything that another spool has, and delete that one."""
        for path in other._folder.iterdir():
            with (self._folder / path.name).open("ab") as file:
                other.move(path.name, file)
        other._folder.rmdir()
