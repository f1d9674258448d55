"""``make simulate``: fresh schedules for some minutes, or one again.

What fails is printed with its seed, what happened in it, and the choices of the calmest schedule that fails
in the same way. (A schedule is its seed alone with PYTHONHASHSEED=0: detection goes through sets of texts.)
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle
from time import monotonic, process_time

from tests.simulation.choices import read
from tests.simulation.scenario import of_choices, of_seed, smallest
from tests.simulation.scenarios import EVERY
from tests.simulation.world import seams


def main(said: Sequence[str]) -> int:
    """Run what is asked for; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="make simulate ARGS=…", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (1)")
    parser.add_argument("--scenario", choices=[*EVERY], action="append", help="which; by default all in turn")
    parser.add_argument("--seed", type=int, help="this schedule alone; of one scenario")
    parser.add_argument(
        "--choices", type=read, help="this schedule alone, as it was printed; of one scenario"
    )
    asked = parser.parse_args(said)
    names = asked.scenario or [*EVERY]
    with seams():
        if asked.seed is None and asked.choices is None:
            return _minutes(names, asked.minutes * 60)
        if len(names) != 1:
            parser.error("a schedule is one scenario's: say --scenario as well")
        make = EVERY[names[0]]
        world, failure = (
            of_seed(make, asked.seed) if asked.choices is None else of_choices(make, asked.choices)
        )
        print("\n".join(world.told))
        print("nothing is wrong" if failure is None else failure.what)
        return int(failure is not None)


def _minutes(names: Sequence[str], seconds: float) -> int:
    began, worked = monotonic(), process_time()
    counts = dict.fromkeys(names, 0)
    spent = dict.fromkeys(names, 0.0)
    first = secrets.randbelow(10**9)
    for name, seed in zip(cycle(names), _from(first), strict=False):
        at = process_time()
        _, failure = of_seed(EVERY[name], seed)
        counts[name] += 1
        spent[name] += process_time() - at
        if failure is not None:
            print(f"{name}, seed {seed}: {failure.what}\nshrinking …", flush=True)
            print(smallest(EVERY[name], failure, seconds=60))
            print(f"again: make simulate ARGS='--scenario {name} --seed {seed}', or with --choices as above")
            return 1
        if monotonic() - began > seconds:
            break
    took, total = monotonic() - began, sum(counts.values())
    for name in names:
        rate = counts[name] / spent[name] * 60
        print(f"{name}: {counts[name]:,} schedules, {rate:,.0f} a minute of one core")
    busy = (process_time() - worked) / took
    print(
        f"{total:,} schedules from seed {first}, nothing wrong: "
        f"{total / took * 60:,.0f} a minute, with {busy:.0%} of a core"
    )
    return 0


def _from(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
