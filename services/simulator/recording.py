"""A run laid down on disk, street after street: a million households need the memory of one street."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    ``spool`` is where it lies meanwhile (it needs room for all facts); ``files`` where the offices leave
    their files, a folder a street.
    """

    def __init__(self, settings: Settings, spool: Path | None = None, files: Path | None = None) -> None:
        self.settings = settings
        self.totals = Totals()
        self._spool = Spool(spool)
        self._files = files

    def record(self, tell: Callable[[int], None] = lambda streets: None) -> None:
        """Live through all streets; ``tell`` hears how many that are by now."""
        with _collecting_between_streets():
            for number in range(self.settings.streets):
                self._record(Chronicle(self.settings, number))
                gc.collect()
                tell(number + 1)

    def _record(self, street: Chronicle) -> None:
        files = Files(self._files / street.division.code) if self._files else None
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

    def move_facts(self, file: BinaryIO) -> None:
        """Write all facts as NDJSON; they are not there to be read afterwards."""
        for day in self.calendar():
            self._spool.move(day.isoformat(), file)

    def write_labels(self, file: BinaryIO) -> None:
        """Write ``labels.json``: the totals, and every label on a line of its own."""
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
