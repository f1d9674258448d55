"""A run laid down on disk, street after street: a million households need the memory of one street."""

import gc
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec

from services.simulator import months
from services.simulator.chronicle import Chronicle
from services.simulator.facts import lines
from services.simulator.files import Files
from services.simulator.labels import LISTS, Totals
from services.simulator.settings import Settings
from services.simulator.spool import Parcel, Sink, Spool, unpack
from services.simulator.world import head


def write(out: Path, settings: Settings, *, files: bool = True, workers: int = 1) -> Path:
    """Write ``facts.ndjson`` (in order of delivery), ``labels.json`` and ``files/`` (see ``files``).

    Existing ones in ``out`` are replaced; without ``files`` the offices' are left out. Equal settings give
    equal bytes, wherever they are written to, and with however many ``workers`` (see ``Recording.record``).
    """
    with closing(Recording(settings, out, files=files)) as recording:
        recording.record(workers=workers)
        recording.write(out)
    return out


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
        self._folder = TemporaryDirectory(prefix=".spool-", dir=out)
        self._spool = Spool(Path(self._folder.name) / "run")

    def record(self, tell: Callable[[int], None] = lambda streets: None, *, workers: int = 1) -> None:
        """Live through all streets; ``tell`` hears how many that are by now.

        ``workers`` are processes that live through a street each at the same time. Streets are taken in
        order, so the outcome does not depend on how many there are.
        """
        found = self._here() if workers == 1 or self.settings.streets == 1 else self._elsewhere(workers)
        for streets, totals in enumerate(found, 1):
            self.totals.add(totals)
            tell(streets)

    def _here(self) -> Iterator[Totals]:
        for number in range(self.settings.streets):
            yield live_through(self.settings, number, self._spool, self._files)

    def _elsewhere(self, workers: int) -> Iterator[Totals]:
        # spawned: whoever calls may have threads, which a forked process would be without
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running: deque[tuple[Path, Future[Totals]]] = deque()
            for number in range(self.settings.streets):
                if len(running) > workers:  # one waits, so that nobody has to
                    yield self._unpack(*running.popleft())
                parcel = Path(self._folder.name) / f"street-{number}"
                running.append((parcel, pool.submit(_in_parcel, self.settings, number, parcel, self._files)))
            while running:
                yield self._unpack(*running.popleft())

    def _unpack(self, parcel: Path, totals: Future[Totals]) -> Totals:
        found = totals.result()
        unpack(parcel, self._spool)
        return found

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
        self._folder.cleanup()


def live_through(settings: Settings, number: int, sink: Sink, files: Path | None) -> Totals:
    """Live through one street; its facts go to the sink by day, its labels by list."""
    with _collecting_at_the_end():
        return _record(Chronicle(settings, number), sink, files)


def _in_parcel(settings: Settings, number: int, parcel: Path, files: Path | None) -> Totals:
    with closing(Parcel(parcel)) as sink:
        return live_through(settings, number, sink, files)


def _record(street: Chronicle, sink: Sink, files: Path | None) -> Totals:
    office = Files(files / street.division.code) if files is not None else None
    for day in street.days():
        sink.add(day.day.isoformat(), lines(day.facts))
        if office:
            office.take(day)
    if office:
        office.close()
    for name, records in street.labels.lists().items():
        sink.add(name, lines(records))
    return street.totals()


@contextmanager
def _collecting_at_the_end() -> Iterator[None]:
    # A street's objects live as long as it does, and refer to one another: looking for garbage among them
    # meanwhile finds none, and takes a fifth of the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        gc.collect()
