"""A run laid down on disk, street after street: a million households need the memory of one street."""

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.simulator import months
from services.simulator.chronicle import Chronicle
from services.simulator.facts import line
from services.simulator.files import Files
from services.simulator.labels import LISTS, Totals
from services.simulator.settings import Settings
from services.simulator.spool import Spool
from services.simulator.world import head


def write(out: Path, settings: Settings, *, files: bool = True) -> Path:
    """Write ``facts.ndjson`` (in order of delivery), ``labels.json`` and ``files/`` (see ``files``).

    Existing ones in ``out`` are replaced; without ``files`` the offices' are left out. Equal settings give
    equal bytes, wherever they are written to.
    """
    with closing(Recording(settings, out, files=files)) as recording:
        recording.record()
        recording.write(out)
    return out


@contextmanager
def _collecting_between_streets() -> Iterator[None]:
    # A street's objects live as long as it does, and refer to one another: looking for garbage among them
    # meanwhile finds none, and takes a fifth of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Recording:
    """One run, lived through once by ``record`` and then read in order of delivery, by day and street.

    It lies below ``out``, or where the system has temporary files, until it is closed; both need room for
    all facts. ``files``: the offices leave their files in ``out`` as well, a folder a street.
    """

    def __init__(self, settings: Settings, out: Path | None = None, *, files: bool = True) -> None:
        self.settings = settings
        self.totals = Totals()
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for manifest in (out / "files").glob("*/manifest.json"):
                shutil.rmtree(manifest.parent)
        self._files = out / "files" if out is not None and files else None
        self._spool = Spool(out)

    def record(self, tell: Callable[[int], None] = lambda streets: None) -> None:
        """Live through all streets; ``tell`` hears how many that are by now."""
        with _collecting_between_streets():
            for number in range(self.settings.streets):
                self._record(Chronicle(self.settings, number))
                gc.collect()
                tell(number + 1)

    def _record(self, street: Chronicle) -> None:
        files = Files(self._files / street.division.code) if self._files is not None else None
        for day in street.days():
            self._spool.add(day.day.isoformat(), map(line, day.facts))
            if files:
                files.take(day)
        if files:
            files.close()
        for name, records in street.labels.lists().items():
            self._spool.add(name, map(msgspec.json.encode, records))
        self.totals.add(street.labels, street.post.by_type, street.post.repeats)

    def calendar(self) -> Iterator[date]:
        """The days of the run."""
        for month in range(self.settings.first_month, self.settings.last_month + 1):
            yield from months.days(month)

    def lines(self, day: date) -> Iterator[bytes]:
        """What upstream hands over on a day, as lines of NDJSON without their ends, read one by one."""
        return self._spool.lines(day.isoformat())

    def write(self, out: Path) -> None:
        """Write ``facts.ndjson`` and ``labels.json``; the facts are not there to be read afterwards."""
        with (out / "facts.ndjson").open("wb") as file:
            for day in self.calendar():
                self._spool.move(day.isoformat(), file)
        with (out / "labels.json").open("wb") as file:
            self._write_labels(file)

    def _write_labels(self, file: BinaryIO) -> None:
        """The totals, and every label on a line of its own."""
        document = msgspec.json.encode(head(self.settings, self.totals))
        file.write(msgspec.json.format(document, indent=1).removesuffix(b"\n}"))
        for name in LISTS:
            file.write(b',\n "' + name.encode() + b'": [')
            for place, record in enumerate(self._spool.lines(name)):
                file.write((b",\n  " if place else b"\n  ") + record)
            file.write(b"\n ]")
        file.write(b"\n}\n")

    def close(self) -> None:
        """Delete what lies on disk."""
        self._spool.close()
