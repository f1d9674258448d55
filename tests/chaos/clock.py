"""Clocks of processes that can be stepped while they run: libfaketime reads the step from a file."""

import os
from collections.abc import Mapping
from pathlib import Path

_PLACES = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")
_LIBRARY = "libfaketime.so.1"
_READ_SECONDS = 1
"""How long it takes at most until a process has noticed that its clock was stepped."""


def library() -> Path | None:
    """Where libfaketime is on this machine; Debian's package is ``faketime``."""
    found = (Path(folder) for place in _PLACES for folder, _, files in os.walk(place) if _LIBRARY in files)
    return next((folder / _LIBRARY for folder in found), None)


class Clocks:
    """The wall clocks of processes, by name. How time passes, which timeouts go by, is left alone."""

    def __init__(self, folder: Path, faked_by: Path) -> None:
        self._folder = folder
        self._library = faked_by
        self.steps: dict[str, int] = {}
        """By how many seconds each clock that was stepped is ahead now."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # of servers that run as somebody else

    def environment(self, process: str) -> Mapping[str, str]:
        """What a process is started with so that its clock can be stepped."""
        if not self._file(process).exists():
            self.step(process, 0)
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file(process)),
            "FAKETIME_CACHE_DURATION": str(_READ_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "NO_FAKE_STAT": "1",
        }

    def step(self, process: str, seconds: int) -> None:
        """Let a clock be so many seconds ahead, from now on."""
        file = self._file(process)
        draft = file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n", encoding="ascii")
        draft.chmod(0o644)
        draft.rename(file)  # never read half-written
        self.steps[process] = seconds

    def _file(self, process: str) -> Path:
        return self._folder / process
