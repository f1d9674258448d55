"""Backtest: everything on record evaluated again from one copy, as ``dibao backtest`` does it.

Each measurement is a process of its own. The rate is of facts on record over the seconds in which they were
evaluated; how long copying them out of PostgreSQL took, once for all trials, is said beside it.
"""

import json
from typing import Any

from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import Measure, expect
from deploy.bench.usage import Usage
from services.detection.facts import CONTEXTS

_SECONDS = 1800.0

_DRAFTS = 10

_RUNS = (
    ("all rules, 1 process", 1, 0),
    ("all rules, 2 processes", 2, 0),
    (f"{_DRAFTS} drafts of one value in one run, 2 processes", 2, _DRAFTS),
)
"""What is measured: with how many processes, and how many drafts; without one every rule is evaluated."""


async def measured(ground: Ground, site: Site) -> list[Measure]:
    """Fill detection from the site's log, and measure backtests of it."""
    count = await logs.length(site.settings, CONTEXTS)
    await _ended(ground, site, "rebuild", "detection")
    return [await _run(ground, site, count, *run) for run in _RUNS]


async def _run(ground: Ground, site: Site, count: int, what: str, processes: int, drafts: int) -> Measure:
    await ground.rest()
    before = ground.usage()
    found = await _ended(
        ground, site, "backtest", "detection", "--processes", str(processes), "--drafts", str(drafts)
    )
    servers = ground.usage() - before
    expect("facts that the backtest knows", found["facts"], count)
    if not drafts:
        expect("findings that a backtest of nothing new has otherwise", found["differences"], 0)
    return Measure(
        "backtest",
        what,
        count,
        found["seconds"],
        Usage(servers.kafka, servers.postgres, found["cpu"]),
        peak_memory_mb=found["memory"] // 2**20,
        note=f"copied in {found['prepare']:.1f} s",
    )


async def _ended(ground: Ground, site: Site, work: str, *arguments: str) -> dict[str, Any]:
    """Run a process of the worker until it ends, and return its account."""
    process = f"{site.name}-{work}"
    mark = site.files / f"{work}.mark"
    mark.unlink(missing_ok=True)
    await ground.start(site, process, work, *arguments, "--mark", str(mark))
    try:
        await ground.wait_for(mark, process, _SECONDS)
        await ground.finish(process, 60)
    finally:
        await ground.stop(process)
    account: dict[str, Any] = json.loads(mark.read_text(encoding="utf-8"))
    return account
