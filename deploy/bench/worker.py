"""Runs a service, a rebuild or a backtest as a process, with a stop-watch, and if asked a profiler.

``serve NAME… [--mark FILE] [--profile FILE]`` is what ``dibao serve NAME…`` is; FILE gets the moment of the
first batch, in seconds of the machine's monotonic clock, and the CPU seconds used before it. Of detection
``--watch FILE`` gets what each rule took. What
``rebuild NAME --mark FILE`` writes is the rebuild's own account, and so with ``backtest detection``.
"""

import argparse
import asyncio
import cProfile
import importlib
import json
import logging
import os
import resource
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.bench.usage import peak_memory
from deploy.cli.serving import collect_rarely, serve_services
from services.intake.context import Intake
from services.intake.sources import Source
from services.platform.pipeline import Pipeline
from services.platform.settings import Settings


def write_mark(file: Path, found: Mapping[str, Any]) -> None:
    """Write a file that is complete as soon as it is there."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(found), encoding="utf-8")
    draft.replace(file)


def mark_first_batch(file: Path, profile: cProfile.Profile | None) -> None:
    """Let the first batch that a pipeline is given leave a mark; the others do not notice."""
    original = Pipeline.process

    async def first(self: Pipeline, token: int, batches: Mapping[Any, Sequence[Any]]) -> None:
        if batches:
            Pipeline.process = original  # type: ignore[method-assign]
            write_mark(file, {"at": time.monotonic(), "cpu": time.process_time(), "pid": os.getpid()})
            if profile is not None:
                profile.enable()
        await original(self, token, batches)

    Pipeline.process = first  # type: ignore[method-assign]


def profile_from_first_caller(profile: cProfile.Profile) -> None:
    """Let the first delivery that intake is given begin the profile, and not what Python imports for it."""
    original = Intake.caller

    async def first(self: Intake, authorization: str | None) -> Source | None:
        Intake.caller = original  # type: ignore[method-assign]
        profile.enable()
        return await original(self, authorization)

    Intake.caller = first  # type: ignore[method-assign]


async def serve(
    names: Sequence[str], settings: Settings, rules: Sequence[str] = (), watch: Path | None = None
) -> None:
    """Serve until SIGTERM; detection with some rules only, where they are named, or with a watch on each."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if not rules and watch is None:
        await serve_services(names, settings, stop)
        return
    from deploy.bench import stopwatch
    from services.detection.rules import ALL, BY_NAME, rules_of
    from services.detection.service import serve as detect

    collect_rarely()
    read, spent = stopwatch.watched(rules_of(BY_NAME[rule] for rule in rules) if rules else ALL)
    await detect(settings, stop, rules=read)
    if watch is not None:
        write_mark(watch, stopwatch.document(spent))


async def rebuild(name: str, settings: Settings) -> dict[str, Any]:
    """Rebuild what the log makes of a projection, or of detection."""
    module = importlib.import_module(
        "services.projector.rebuild" if name == "projector" else "services.detection.replay"
    )
    began, used = time.monotonic(), _cpu_seconds()
    rebuilt = await module.rebuild(settings)
    return {
        "seconds": time.monotonic() - began,
        "cpu": _cpu_seconds() - used,
        "records": rebuilt.records,
        "differences": 0 if name == "projector" or rebuilt.comparison.equal else 1,
    }


async def backtest(settings: Settings, processes: int, drafts: int) -> dict[str, Any]:
    """Try drafts of one value, or where there are none the rules as they are, on all that is on record."""
    from services.detection.backtest import backtest
    from services.detection.facts.policy import PolicyAdopted
    from services.detection.rules.payments.large_payment import MULTIPLE
    from services.detection.trying import Trial

    tried = [
        Trial(drafts=(PolicyAdopted(str(value), "2000-01-01", 2**62, MULTIPLE.name, value, "", None),))
        for value in range(drafts)
    ]
    used = _cpu_seconds()
    done = await backtest(settings, tried or [Trial()], processes=processes)
    of_processes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return {
        "seconds": done.evaluate_seconds,
        "prepare": done.prepare_seconds,
        "cpu": _cpu_seconds() - used,
        "facts": done.facts,
        "memory": max(peak_memory(os.getpid()), of_processes),
        "differences": sum(
            one.count for result in done.results for one in result.differences if one.outcome != "same"
        ),
    }


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="deploy.bench.worker")
    parser.add_argument("work", choices=("serve", "rebuild", "backtest"))
    parser.add_argument("names", nargs="+")
    parser.add_argument("--mark", type=Path)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--watch", type=Path)
    parser.add_argument("--rules", nargs="*", default=())
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--drafts", type=int, default=0)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings()
    if given.work == "rebuild":
        write_mark(given.mark, asyncio.run(rebuild(given.names[0], settings)))
        return
    if given.work == "backtest":
        write_mark(given.mark, asyncio.run(backtest(settings, given.processes, given.drafts)))
        return
    profile = cProfile.Profile() if given.profile is not None else None
    if given.mark is not None:
        mark_first_batch(given.mark, profile)
    elif profile is not None:
        profile_from_first_caller(profile)
    try:
        asyncio.run(serve(given.names, settings, given.rules, given.watch))
    finally:
        if profile is not None:
            profile.disable()
            profile.dump_stats(given.profile)


if __name__ == "__main__":
    main()
