"""Writes a run to a folder: facts, labels, and the files of the offices."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.simulator.labels import Totals
from services.simulator.recording import Recording
from services.simulator.settings import Settings


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, and what it amounts to."""

    folder: Path
    totals: Totals


def write(
    out_dir: Path | str,
    settings: Settings,
    *,
    files: bool = True,
    tell: Callable[[int], None] = lambda streets: None,
) -> Written:
    """Write ``facts.ndjson`` (in order of delivery), ``labels.json`` and ``files/`` (see ``files``).

    Existing ones are replaced. Equal settings give equal bytes, wherever they are written to. ``tell`` hears
    how many streets are done.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    for manifest in (folder / "files").glob("*/manifest.json"):
        shutil.rmtree(manifest.parent)
    recording = Recording(settings, spool=folder, files=folder / "files" if files else None)
    try:
        recording.record(tell)
        with (folder / "facts.ndjson").open("wb") as facts:
            recording.move_facts(facts)
        with (folder / "labels.json").open("wb") as labels:
            recording.write_labels(labels)
    finally:
        recording.close()
    return Written(folder, recording.totals)
