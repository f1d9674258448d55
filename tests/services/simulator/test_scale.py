"""A run of many streets needs the memory of one, and is the same run wherever and however it is written.

The full size has a command of its own, and needs three gigabytes below the folder for temporary files:

    .venv/bin/python -m pytest -m slow tests/services/simulator/test_scale.py -s
"""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from services.simulator import Settings, write

ROOT = Path(__file__).parents[3]
MILLION = 1_000_000
MEGABYTE = 1024 * 1024

# Writes a run, and prints the most memory that the process ever had, in MB.
PROGRAM = """
import resource, sys
from pathlib import Path
from services.simulator import Settings, write
out, households, first, last, street, files = sys.argv[1:]
write(Path(out), Settings(int(households), first, last, street=int(street)), files=files == "files")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def in_its_own_process(out: Path, settings: Settings, *, files: bool, hash_seed: str = "random") -> float:
    """Write a run in a new interpreter; returns its peak resident memory in MB."""
    arguments = (settings.households, settings.first, settings.last, settings.street)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(out), *map(str, arguments), "files" if files else "none"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def digests(folder: Path) -> dict[str, str]:
    """What every file holds, by its path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    settings = Settings(50, "2021-01", "2021-06", street=20)
    for place, hash_seed in (("here", "0"), ("elsewhere/and deeper", "4711")):
        in_its_own_process(tmp_path / place, settings, files=True, hash_seed=hash_seed)
    here, elsewhere = digests(tmp_path / "here"), digests(tmp_path / "elsewhere/and deeper")
    assert len(here) > 60
    assert here == elsewhere


def test_memory_does_not_grow_with_the_number_of_streets(tmp_path: Path) -> None:
    def peak(streets: int) -> int:
        tracemalloc.start()
        try:
            write(tmp_path / str(streets), Settings(streets * 10, "2021-01", "2021-02", street=10))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # modules are imported and tables read
    assert peak(15) < 1.2 * peak(3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_million_households_need_less_than_500_megabytes(tmp_path: Path) -> None:
    peak = in_its_own_process(tmp_path, Settings(MILLION, "2021-01", "2021-03"), files=False)
    with (tmp_path / "labels.json").open(encoding="utf-8") as labels:
        head = json.loads(labels.read(4096).split(',\n "anomalies"', 1)[0] + "}")
    size = (tmp_path / "facts.ndjson").stat().st_size
    print(f"{head['totals']['facts']:,} facts, {size / MEGABYTE:,.0f} MB, peak resident {peak:.0f} MB")
    assert head["settings"]["households"] == MILLION
    assert head["totals"]["facts_by_type"]["dibao.enrollment.enrolled.v1"] > MILLION
    assert peak < 500
