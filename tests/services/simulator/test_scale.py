"""A run of many streets needs the memory of one, and is the same run wherever and however it is written.

What it needs of memory is looked at by `make slow`. The full size takes an hour, and three gigabytes below
the folder for temporary files:

    .venv/bin/python -m pytest -m slow tests/services/simulator/test_scale.py -s
"""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.simulator import Settings, write

ROOT = Path(__file__).parents[3]
MILLION = 1_000_000
MEGABYTE = 1024 * 1024

PROGRAM = """
import json, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from services.simulator import Settings, write

if __name__ == "__main__":
    out, settings, options = sys.argv[1:]
    options = json.loads(options)
    write(Path(out), Settings(**json.loads(settings)), **options)
    own, worker = (getrusage(who).ru_maxrss / 1024 for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    print(own + worker * options["workers"] if options["workers"] > 1 else own)
"""


def in_its_own_process(
    out: Path, settings: Settings, *, files: bool, workers: int, hash_seed: str = "random"
) -> float:
    """Write a run in a new interpreter; returns the most resident memory it can have had, in MB.

    With workers that is its own peak and the largest worker's for each of them.
    """
    program = out.with_suffix(".py")
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(PROGRAM, encoding="utf-8")
    options = {"files": files, "workers": workers}
    done = subprocess.run(
        [sys.executable, program, out, json.dumps(asdict(settings)), json.dumps(options)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.PIPE,
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
    in_its_own_process(tmp_path / "here", settings, files=True, workers=1, hash_seed="0")
    in_its_own_process(tmp_path / "elsewhere/and deeper", settings, files=True, workers=2, hash_seed="47")
    here, elsewhere = digests(tmp_path / "here"), digests(tmp_path / "elsewhere/and deeper")
    assert len(here) > 60
    assert here == elsewhere


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_streets(tmp_path: Path) -> None:
    def peak(streets: int) -> int:
        tracemalloc.start()
        try:
            write(tmp_path, Settings(streets * 10, "2021-01", "2021-02", street=10))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # modules are imported and tables read
    # twice: in a process that has run many tests, a table of the interpreter's may grow meanwhile, once
    assert min(peak(5), peak(5)) < 1.3 * peak(2)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_million_households_need_less_than_500_megabytes() -> None:
    with TemporaryDirectory() as folder:  # not pytest's, which are kept
        out = Path(folder) / "million"
        peak = in_its_own_process(out, Settings(MILLION, "2021-01", "2021-03"), files=False, workers=2)
        with (out / "labels.json").open(encoding="utf-8") as labels:
            before = takewhile(lambda line: not line.startswith(' "anomalies"'), labels)
            head = json.loads("".join(before).removesuffix(",\n") + "}")
        size = (out / "facts.ndjson").stat().st_size
    facts = head["totals"]["facts"]
    print(f"{facts:,} facts, {size / MEGABYTE:,.0f} MB, peak resident {peak:.0f} MB")
    assert head["settings"]["households"] == MILLION
    assert head["totals"]["facts_by_type"]["dibao.enrollment.enrolled.v1"] > MILLION
    assert size > 300 * facts
    assert peak < 500
