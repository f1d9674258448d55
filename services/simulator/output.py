"""Writes a run to a folder: facts, labels, and the files of the offices."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.simulator.facts import Event
from services.simulator.office import Office
from services.simulator.settings import Settings
from services.simulator.world import World


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the folder, how many facts, and the content of ``labels.json``."""

    folder: Path
    facts: int
    labels: dict[str, Any]


def line(event: Event) -> str:
    """One structured CloudEvent as a line of NDJSON."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n"


def write(out_dir: Path | str, settings: Settings) -> Written:
    """Write ``facts.ndjson`` (in order of delivery), ``labels.json`` and ``files/`` (see ``office``).

    Existing files of the same names are replaced. Equal settings give equal bytes.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    world, office, count = World(settings), Office(folder / "files"), 0
    with (folder / "facts.ndjson").open("w", encoding="utf-8", newline="\n") as facts:
        for day in world.days():
            for event in day.facts:
                facts.write(line(event))
            count += len(day.facts)
            office.take(day)
    office.close()
    labels = world.document()
    text = json.dumps(labels, ensure_ascii=False, indent=1)
    (folder / "labels.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return Written(folder, count, labels)
