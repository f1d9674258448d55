"""Looks for inputs that break the promise, guided by what they reach in the code: ``make fuzz``.

    python -m tests.fuzz --minutes 10 --seed 7 --target csv

Each target has its share of the time, in a process of its own. What reaches new code is kept in
``.local/fuzz`` and is begun with the next time; what breaks the promise is written there as well, under the
name that it has in the corpus: mend the fault, and put it there.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

KEPT = Path(".local/fuzz")
_LONGEST = 64 * 1024
_SECONDS = 25
"""For one input: longer, and it stands still."""


def look(target: str, folder: Path, *, seconds: int, seed: int) -> bool:
    """Look for so long, in a process of its own, and return whether nothing was found."""
    reached, broken = folder / target / "reached", folder / target / "broken"
    for each in (reached, broken):
        each.mkdir(parents=True, exist_ok=True)
    before = set(broken.iterdir())
    command = [sys.executable, "-m", "tests.fuzz.looking", target, str(reached), str(broken)]
    command += [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_LONGEST}", f"-timeout={_SECONDS}"]
    # What stands still, or takes all memory, libFuzzer writes down itself.
    command += ["-rss_limit_mb=2048", f"-artifact_prefix={broken}/"]
    there = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": there}).returncode
    for file in sorted(set(broken.iterdir()) - before):
        print(f"\n{file}: mend it, and keep it in tests/fuzz/corpus/{target}", flush=True)
    return ended == 0


def main() -> int:
    """Look in every target that is asked for; return 1 where one was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long, all targets together")
    parser.add_argument("--seed", type=int, default=1, help="another one looks elsewhere")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this one")
    parser.add_argument("--folder", type=Path, default=KEPT, help="where what is reached is kept")
    asked = parser.parse_args()
    targets = asked.target or list(TARGETS)
    seconds = max(1, int(asked.minutes * 60 / len(targets)))
    broken = []
    for target in targets:
        print(f"\n=== {target}: {seconds} s, seed {asked.seed}", flush=True)
        if not look(target, asked.folder, seconds=seconds, seed=asked.seed):
            broken.append(target)
    print(f"\nBroken: {', '.join(broken)}" if broken else f"\nNothing found: {', '.join(targets)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
